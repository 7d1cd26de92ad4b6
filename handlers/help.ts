import { helpCard } from '../src/cards/help-card.ts';
import { type CommandSpec, parseCommand } from '../src/chat/parse.ts';
import type { Handler } from './handler.ts';
import { toAsker } from './show.ts';

/** The verbs that the words begin with: one, or all of a group. */
const named = (words: readonly string[], commands: readonly CommandSpec[]): readonly CommandSpec[] => {
  const text = ` ${words.join(' ').toLowerCase()} `;
  const exact = commands
    .filter(({ verb }) => text.startsWith(` ${verb} `))
    .sort((a, b) => b.verb.length - a.verb.length)[0];
  if (exact === undefined || exact.verb.includes(' ')) return exact === undefined ? [] : [exact];
  // `change aprove` is a misspelt verb, `change` alone the whole group.
  return words.length > 1 ? [] : commands.filter(({ verb }) => `${verb} `.startsWith(`${exact.verb} `));
};

/** What there is, about one verb, or what was probably meant: the parser turns everything else into `help`. */
export const helpFor = (commands: () => readonly CommandSpec[]): Handler => ({
  verb: 'help',
  usage: '[verb]',
  summary: 'what there is to say',
  show: async ({ request: { args } }) => {
    const all = commands();
    if (args.length === 0) return toAsker(helpCard(all, {}));
    const about = named(args, all);
    if (about.length > 0) return toAsker(helpCard(about, {}));
    const typed = args.join(' ');
    const parsed = parseCommand(typed, all);
    return toAsker(helpCard(all, { typed, closest: parsed.ok ? [parsed.verb] : parsed.closest }));
  },
});
