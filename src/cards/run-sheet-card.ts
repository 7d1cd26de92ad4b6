import type { Block, Card, Text } from '../chat/card.ts';
import { bold } from '../chat/card.ts';
import type { Excuse } from '../domain/excuse.ts';
import type { Policy } from '../domain/policy.ts';
import type { RunSheet, SheetStart } from '../domain/run-sheet.ts';
import { second } from '../domain/time.ts';
import { trainById } from '../domain/train.ts';
import { bullets, type Item } from './blocks.ts';
import { button } from './buttons.ts';
import { excuseLine, isWaiting } from './excuse-words.ts';
import { clockTime, count, cutoffName, duration, instant, list, people, unique } from './words.ts';

/** All that the meeting after a cutoff needs, in the order in which it is talked through. */
export const runSheetCard = (sheet: RunSheet, policy: Policy): Card => {
  const { ready, moved, train, cutoff } = sheet;
  const summary =
    ready.length + moved.length === 0
      ? 'No change was aboard.'
      : `${count(ready.length, 'change')} ready, ${moved.length} moved to the next train.`;
  const final = trainById(policy, train)?.cutoffs.at(-1)?.name === cutoff;
  return {
    title: `Run-sheet · ${cutoffName(cutoff)} · ${train}`,
    tone: moved.length === 0 && ready.length > 0 ? 'good' : 'neutral',
    summary,
    blocks: [
      { kind: 'text', text: [summary] },
      { kind: 'fields', fields: fields(sheet) },
      ...since(sheet),
      ...movedBlocks(sheet, policy),
      ...sequence(sheet),
      ...overflow(sheet),
      ...(sheet.players.length === 0
        ? []
        : [
            { kind: 'heading' as const, text: 'Players' },
            { kind: 'text' as const, text: people(sheet.players, policy) },
          ]),
    ],
    buttons: [
      ...(final && ready.length > 0 ? [button('train go', train), button('train nogo', train)] : []),
      button('train status', train),
    ],
    page: train,
  };
};

const fields = (sheet: RunSheet): readonly { readonly label: string; readonly value: Text }[] => [
  { label: 'Closed', value: [instant(sheet.at)] },
  ...(sheet.meeting === undefined ? [] : [{ label: 'Meeting', value: [instant(sheet.meeting)] }]),
  ...(sheet.windows.length === 0
    ? [{ label: 'Window', value: ['none on this train'] }]
    : sheet.windows.map(({ opens, closes }) => ({
        label: 'Window',
        value: [instant(opens), ' to ', closing(closes)],
      }))),
  ...(sheet.ready.length === 0
    ? []
    : [{ label: 'Expected', value: [`${duration(sheet.expectedSeconds * second)} in all`] }]),
];

const closing = (iso: string) => {
  const at = new Date(iso);
  return Number.isNaN(at.getTime()) ? iso : clockTime(at);
};

/** What the last meeting has not seen. */
const since = (sheet: RunSheet): readonly Block[] => {
  if (sheet.since === null) return [];
  const { cutoff, joined: came, left, rebuilt } = sheet.since;
  const services = new Map([...sheet.ready, ...sheet.moved].map((line) => [line.change, line.service]));
  const named = (changes: readonly string[]): string =>
    list(changes.map((change) => `${change} ${services.get(change) ?? ''}`.trim()));
  const items: readonly Item[] = [
    ...(came.length === 0 ? [] : [{ mark: 'none' as const, text: [`joined: ${named(came)}`] }]),
    ...(left.length === 0 ? [] : [{ mark: 'none' as const, text: [`left: ${named(left)}`] }]),
    ...(rebuilt.length === 0
      ? []
      : [{ mark: 'none' as const, text: [`rebuilt, other bytes now: ${named(rebuilt)}`] }]),
  ];
  return items.length === 0
    ? [{ kind: 'note', text: [`Nothing changed since the sheet of ${cutoffName(cutoff)}.`] }]
    : [{ kind: 'heading', text: `Since the sheet of ${cutoffName(cutoff)}` }, ...bullets(items)];
};

const movedBlocks = ({ moved }: RunSheet, policy: Policy): readonly Block[] => {
  if (moved.length === 0) return [];
  const trains = unique(moved.map(({ to }) => to));
  const items = moved.map(
    ({ change, service, version, to, excuses }): Item => ({
      mark: 'failed',
      text: [
        bold(change),
        ` ${service} ${version}${trains.length > 1 ? ` (to ${to})` : ''}: `,
        ...reasons(excuses, policy),
      ],
    }),
  );
  return [
    { kind: 'heading', text: `Moved to ${trains.length === 1 ? (trains[0] ?? '') : 'another train'}` },
    ...bullets(items),
  ];
};

/** The first few; what only waits for something else that is missing says nothing new. */
const reasons = (excuses: readonly Excuse[], policy: Policy): Text => {
  const telling = excuses.filter((excuse) => !isWaiting(excuse));
  const told = telling.length > 0 ? telling : excuses;
  const rest = told.length - 3;
  return [
    ...told.slice(0, 3).flatMap((e, i): Text => [...(i === 0 ? [] : ['; ']), ...excuseLine(e, policy)]),
    ...(rest > 0 ? [`; and ${rest} more`] : []),
  ];
};

/** A line for each change, or, when they are too many, for each wave. */
const sequence = (sheet: RunSheet): readonly Block[] => {
  const { ready, sequence: waves, cycles } = sheet;
  if (ready.length === 0) return [];
  const versions = new Map(ready.map((line) => [line.change, line.version]));
  const named = (start: SheetStart): Text => [
    bold(start.service),
    ` ${versions.get(start.change) ?? ''} (${start.change})`,
  ];
  const many = ready.length > 18;
  const items = waves.flatMap((wave, i): readonly Item[] =>
    many
      ? [waveItem(i, wave)]
      : wave.map((start) => ({
          mark: start.lastSafeStart === null ? 'failed' : 'none',
          text: [`wave ${i + 1} · `, ...named(start), ...startBy(start.lastSafeStart)],
        })),
  );
  return [
    { kind: 'heading', text: many ? 'Sequence, by wave' : 'Sequence' },
    ...bullets(items, 18),
    ...(cycles.length === 0 ? [] : [cycleNote(cycles)]),
  ];
};

/** What finds no place in the train's windows, why, and where it would. */
const overflow = ({ sequence: waves }: RunSheet): readonly Block[] => {
  const items = waves
    .flat()
    .flatMap(({ service, change, overflow: none }): readonly Item[] =>
      none === undefined
        ? []
        : [{ mark: 'failed', text: [bold(service), ` (${change}): `, ...overflowText(none)] }],
    );
  return items.length === 0 ? [] : [{ kind: 'heading', text: 'Does not fit' }, ...bullets(items, 10)];
};

export const overflowText = ({ why, next }: NonNullable<SheetStart['overflow']>): Text => [
  overflowReasons[why],
  ...(next === undefined
    ? ['; no window of the next three months is long enough']
    : ['; the next window for it is ', next.window, ' of ', next.train, ', ', instant(next.opens)]),
];

const overflowReasons: Readonly<Record<NonNullable<SheetStart['overflow']>['why'], string>> = {
  'too-long': 'longer than the window, with what is kept for a rollback',
  'window-full': 'the window takes no more changes; those of a higher priority and older ones go first',
  'no-time': 'its turn would come too late to end in the window',
  'waits-for': 'what must go before it does not fit',
  'no-rules': 'the policy has no complete rules for it',
};

const waveItem = (wave: number, starts: readonly SheetStart[]): Item => {
  const homeless = starts.filter((start) => start.lastSafeStart === null).map((start) => start.service);
  const [earliest] = starts.flatMap((start) => start.lastSafeStart ?? []).sort();
  return {
    mark: homeless.length > 0 ? 'failed' : 'none',
    text: [
      `wave ${wave + 1} · ${list(
        starts.map((start) => start.service),
        'and',
        8,
      )}`,
      ...(earliest === undefined ? [] : startBy(earliest)),
      ...(homeless.length === 0 ? [] : [`; too long for the window: ${list(homeless, 'and', 5)}`]),
    ],
  };
};

const startBy = (iso: string | null): Text =>
  iso === null ? [' — too long for the window'] : [' — start by ', closing(iso)];

export const cycleNote = (cycles: readonly (readonly string[])[]): Block => ({
  kind: 'note',
  text: [
    `${cycles
      .slice(0, 5)
      .map((cycle) => list(cycle))
      .join(
        '; ',
      )}${cycles.length > 5 ? `; and ${cycles.length - 5} more groups` : ''} depend on each other and are deployed together.`,
  ],
});
