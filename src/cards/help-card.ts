import type { Block, Card } from '../chat/card.ts';
import { code } from '../chat/card.ts';
import type { Item } from './blocks.ts';
import { capital, clip, list } from './words.ts';

interface Command {
  readonly verb: string;
  /** What follows the verb. */
  readonly usage: string;
  readonly summary: string;
}

/** What there is to say, or, for words that mean nothing (`typed`), what was probably meant (`closest`, verbs). */
export const helpCard = (
  commands: readonly Command[],
  options: { readonly typed?: string; readonly closest?: readonly string[] } = {},
): Card => {
  const { typed = '', closest = [] } = options;
  if (typed === '')
    return { ...frame, summary: 'What there is to say, by subject.', blocks: groups(commands) };
  const meant = commands.filter(({ verb }) => closest.includes(verb));
  const said = clip(typed, 80);
  const question =
    meant.length === 0
      ? ''
      : ` Did you mean ${list(
          meant.map(({ verb }) => verb),
          'or',
        )}?`;
  const summary = `I do not know “${said}”.${question}`;
  return {
    title: 'I do not know that',
    tone: 'warning',
    summary,
    blocks: [
      { kind: 'text', text: [summary] },
      ...(meant.length === 0
        ? groups(commands)
        : [
            { kind: 'list' as const, items: meant.slice(0, 12).map(line) },
            { kind: 'note' as const, text: [code('help'), ' lists everything.'] },
          ]),
    ],
    buttons: [],
  };
};

const frame = { title: 'Signalbox', tone: 'neutral', buttons: [] } as const;

const groups = (commands: readonly Command[]): readonly Block[] => {
  const byHead = new Map<string, readonly Command[]>();
  for (const command of commands) {
    const head = command.verb.split(' ')[0] ?? '';
    byHead.set(head, [...(byHead.get(head) ?? []), command]);
  }
  const alone = [...byHead.values()].filter((group) => group.length === 1).flat();
  const named = [...byHead].filter(([, group]) => group.length > 1);
  const sections = [...named, ...(alone.length === 0 ? [] : [['more', alone] as const])];
  return sections.flatMap(([head, group]): readonly Block[] => [
    ...(sections.length > 1 ? [{ kind: 'heading' as const, text: capital(head) }] : []),
    { kind: 'list', items: group.map(line) },
  ]);
};

const line = ({ verb, usage, summary }: Command): Item => ({
  mark: 'none',
  text: [code(`${verb} ${usage}`.trim()), ` — ${summary}`],
});
