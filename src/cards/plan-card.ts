import type { Block, Card, Mark, Text } from '../chat/card.ts';
import { bold } from '../chat/card.ts';
import type { Policy } from '../domain/policy.ts';
import { second } from '../domain/time.ts';
import type { PlanView } from '../domain/view.ts';
import { bullets, type Item } from './blocks.ts';
import { button } from './buttons.ts';
import { cycleNote, overflowText } from './run-sheet-card.ts';
import { clockTime, count, dayTime, duration, list } from './words.ts';

type Planned = PlanView['waves'][number][number];

/** The order of the night; changes of one wave may run side by side. */
export const planCard = (view: PlanView, policy: Policy): Card => {
  const { train, waves, cycles, windows } = view;
  const planned = waves.flat();
  const lost = planned.filter(cannotStart).length;
  const length = duration(view.makespanSeconds * second);
  const summary =
    planned.length === 0
      ? `No change is aboard ${train.id} yet.`
      : `${count(planned.length, 'change')} in ${count(waves.length, 'wave')}, about ${length} with ${policy.concurrency} at a time${lost === 0 ? '' : `; ${lost} too long for the window`}.`;
  const many = planned.length > 18;
  const items = waves.flatMap((wave, i) =>
    many ? [waveItem(i, wave)] : wave.map((one) => planItem(i, one)),
  );
  const opening: readonly Block[] = windows.map(({ name, from, until }) => ({
    kind: 'text',
    text: [`${name}: `, dayTime(from), ' to ', clockTime(until)],
  }));
  return {
    title: `Deployment plan · ${train.id}`,
    tone: lost > 0 ? 'warning' : 'neutral',
    summary,
    blocks: [
      { kind: 'text', text: [summary] },
      ...(opening.length === 0
        ? [{ kind: 'note' as const, text: ['This train has no window in which production may be changed.'] }]
        : opening),
      ...bullets(items, 18),
      ...(cycles.length === 0 ? [] : [cycleNote(cycles)]),
    ],
    buttons: [button('train status', train.id)],
  };
};

const cannotStart = (one: Planned): boolean => one.lastSafeStart === null && one.state === 'boarded';

const planItem = (wave: number, one: Planned): Item => ({
  mark: cannotStart(one) ? 'failed' : (marks[one.state] ?? 'waiting'),
  text: [
    `wave ${wave + 1} · `,
    bold(one.service),
    ` ${one.version} (${one.change}), ${duration(one.expected)}`,
    ...(one.learned === undefined
      ? []
      : [` (nine of ten of the last ${one.learned.runs} within ${duration(one.learned.p90)})`]),
    ...startBy(one),
    ...noPlace(one),
  ],
});

/** Only where the last safe start alone does not say it. */
const noPlace = ({ fit, lastSafeStart, state }: Planned): Text => {
  if (fit === undefined || fit.startsAt !== null || lastSafeStart === null || state !== 'boarded') return [];
  const next = fit.next === undefined ? {} : { next: { ...fit.next, opens: fit.next.opens.toISOString() } };
  return [' — ', ...overflowText({ why: fit.why ?? 'no-time', ...next })];
};

const startBy = (one: Planned): Text => {
  if (one.state !== 'boarded') return [];
  return one.lastSafeStart === null
    ? [' — too long for the window']
    : [' — start by ', clockTime(one.lastSafeStart)];
};

const waveItem = (wave: number, planned: readonly Planned[]): Item => {
  const lost = planned.filter(cannotStart);
  return {
    mark: lost.length > 0 ? 'failed' : planned.every((one) => one.state === 'deployed') ? 'done' : 'waiting',
    text: [
      `wave ${wave + 1} · ${list(
        planned.map((one) => one.service),
        'and',
        8,
      )}`,
      ...(lost.length === 0
        ? []
        : [
            `; too long for the window: ${list(
              lost.map((one) => one.service),
              'and',
              5,
            )}`,
          ]),
    ],
  };
};

const marks: Readonly<Record<string, Mark>> = {
  boarded: 'waiting',
  deploying: 'running',
  deployed: 'done',
  'rolled-back': 'failed',
  failed: 'failed',
};
