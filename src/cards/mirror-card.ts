import type { Block, Card, Mark, Text } from '../chat/card.ts';
import { bold, code } from '../chat/card.ts';
import type { Likeness, MirrorLine } from '../domain/mirror.ts';
import { day } from '../domain/time.ts';
import { bullets, header, type Item } from './blocks.ts';
import { aspectText } from './observed-cards.ts';
import { valueText } from './value-text.ts';
import { count, duration, list } from './words.ts';

/** As `operations/describe-mirror` tells it. */
interface View {
  readonly environments: readonly string[];
  readonly production: string;
  readonly lines: readonly MirrorLine[];
  readonly unread: readonly string[];
  readonly now: Date;
}

/** A reading that old says little of today. */
const staleMs = day;

export const mirrorCard = (view: View): Card => {
  const { environments, lines, unread } = view;
  const adrift = services(lines, 'drift');
  const summary =
    lines.length === 0
      ? 'Nobody tells what runs, so nothing can be compared.'
      : adrift.length === 0
        ? `${list(environments)} ${environments.length === 1 ? 'is' : 'are'} like production, as far as is read.`
        : `${count(adrift.length, 'service')} ${adrift.length === 1 ? 'is' : 'are'} not like production: ${list(adrift)}.`;
  return {
    title: `Mirror of production · ${list(environments)}`,
    tone: adrift.length > 0 ? 'warning' : lines.length === 0 ? 'neutral' : 'good',
    summary,
    blocks: [
      { kind: 'text', text: [summary] },
      ...bullets(
        order.flatMap((likeness) =>
          lines.filter((line) => line.likeness === likeness).map((line) => item(line, view)),
        ),
        20,
      ),
      ...alike(lines),
      ...(unread.length === 0 ? [] : [{ kind: 'note' as const, text: [`Nobody reads ${list(unread)}.`] }]),
    ],
    buttons: [],
  };
};

/** For the meeting's report: what is adrift, or nothing. */
export const driftBlocks = ({ lines, ...view }: View): readonly Block[] => {
  const adrift = lines.filter(({ likeness }) => likeness === 'drift');
  return adrift.length === 0
    ? []
    : [header('Not like production'), ...bullets(adrift.map((line) => item(line, { ...view, lines })))];
};

/** What needs somebody first; what is the same is only counted. */
const order: readonly Likeness[] = ['drift', 'unread', 'coming', 'declared'];

const marks: Readonly<Record<Likeness, Mark>> = {
  drift: 'failed',
  unread: 'missing',
  coming: 'waiting',
  declared: 'none',
  same: 'done',
};

const item = (line: MirrorLine, { production, environments, now }: View): Item => ({
  mark: marks[line.likeness],
  text: [
    bold(line.service),
    `${line.platform === 'default' ? '' : ` on ${line.platform}`}, ${aspectText(line.aspect)}: `,
    ...said(line, environments.length > 1 ? `in ${line.environment}` : 'there', production),
    ...age(line, now),
  ],
});

const said = (
  { likeness, here, there, environment }: MirrorLine,
  where: string,
  production: string,
): Text => {
  if (likeness === 'unread')
    return [`not read in ${list([...(here ? [] : [environment]), ...(there ? [] : [production])])}`];
  const values: Text = [
    code(valueText(here?.value ?? '')),
    ` ${where}, `,
    code(valueText(there?.value ?? '')),
    ` in ${production}`,
  ];
  if (likeness === 'coming') return [...values, '; a change is bringing it'];
  return likeness === 'declared' ? [...values, '; the policy lets it differ'] : values;
};

const age = ({ readAt }: MirrorLine, now: Date): Text =>
  readAt === null || now.getTime() - readAt.getTime() < staleMs
    ? []
    : [`; last read ${duration(now.getTime() - readAt.getTime())} ago`];

const alike = (lines: readonly MirrorLine[]): readonly Block[] => {
  const same = lines.filter(({ likeness }) => likeness === 'same').length;
  return same === 0 ? [] : [{ kind: 'note', text: [`${count(same, 'comparison')} found no difference.`] }];
};

const services = (lines: readonly MirrorLine[], likeness: Likeness): readonly string[] => [
  ...new Set(lines.filter((line) => line.likeness === likeness).map(({ service }) => service)),
];
