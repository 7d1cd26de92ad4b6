import type { Block, Button, Text } from '../chat/card.ts';
import { bold } from '../chat/card.ts';
import { changeName, deploymentName } from '../domain/change.ts';
import { type Mover, role } from '../domain/refusal.ts';
import type { ChangeView, DeploymentView, TrainView } from '../domain/view.ts';
import { askBefore } from '../domain/window-end.ts';
import { header } from './blocks.ts';
import { atEndButtons, button, distinct, resolveButtons } from './buttons.ts';
import { lastLines } from './deployment-words.ts';
import type { Status } from './status.ts';
import { clockTime, duration, list, moversText } from './words.ts';

export interface Aboard {
  readonly view: ChangeView;
  readonly status: Status;
}

/** More bars than that nobody reads; what is done needs none. */
const mostWaves = 6;

/** A bar for each wave that is not over, and how long all of it takes. */
export const waveBlocks = (view: TrainView, aboard: readonly Aboard[]): readonly Block[] => {
  const waves: DeploymentView[][] = [];
  for (const one of plannedOf(aboard)) {
    const wave = waves[one.deployment.wave] ?? [];
    waves[one.deployment.wave] = wave;
    wave.push(one);
  }
  const numbered = waves.map((wave, i) => ({ wave, number: i + 1 })).filter(({ wave }) => wave.length > 0);
  const open = numbered.filter(({ wave }) => !wave.every(isOver));
  return [
    ...(numbered.length < 2
      ? []
      : open.slice(0, mostWaves).map(
          ({ wave, number }): Block => ({
            kind: 'progress',
            done: wave.filter(isOver).length,
            total: wave.length,
            label: [`wave ${number} of ${waves.length}${runningIn(wave)}`],
          }),
        )),
    ...pace(view, aboard),
  ];
};

const isOver = ({ deployment: { state } }: DeploymentView): boolean =>
  state === 'succeeded' || state === 'rolled-back' || state === 'failed';

const runningIn = (wave: readonly DeploymentView[]): string => {
  const running = wave.filter(
    ({ deployment: { state } }) => state === 'running' || state === 'undoing',
  ).length;
  return running === 0 ? '' : `, ${running} under way`;
};

/** What the night's plan has; emergencies are on none. */
const plannedOf = (aboard: readonly Aboard[]): readonly DeploymentView[] =>
  aboard.flatMap(({ view: { deployment, change } }) =>
    deployment === undefined || deployment.deployment.state === 'cancelled' || change.type === 'emergency'
      ? []
      : [deployment],
  );

/** A posted card is not redrawn every minute, so it says at what time so much had passed. */
const pace = ({ now, expected }: TrainView, aboard: readonly Aboard[]): readonly Block[] => {
  const planned = plannedOf(aboard);
  const starts = planned.flatMap(({ deployment: { startedAt } }) => startedAt ?? []);
  if (starts.length === 0) return [];
  const first = new Date(Math.min(...starts.map((at) => at.getTime())));
  const ends = planned.flatMap(({ deployment: { finishedAt } }) => finishedAt ?? []);
  const over = planned.every(isOver);
  const last = over ? new Date(Math.max(...ends.map((at) => at.getTime()))) : now;
  const took = duration(last.getTime() - first.getTime());
  const text: Text = over
    ? [clockTime(first), ' to ', clockTime(last), `, ${took}`]
    : ['under way since ', clockTime(first), `, ${took} at `, clockTime(now)];
  return [
    {
      kind: 'note',
      text: [...text, ...(expected === undefined ? [] : [`; about ${duration(expected)} expected in all`])],
    },
  ];
};

/** Whose move it is now, and about what. */
export const neededBlocks = (aboard: readonly Aboard[]): readonly Block[] => {
  const needs = new Map<string, { readonly mover: Mover; readonly about: string[] }>();
  for (const { view, status } of aboard) {
    const { deployment } = view.deployment ?? {};
    const stuck = deployment?.state === 'asking' || deployment?.state === 'failed';
    const [first] = status.excuses;
    const movers = stuck ? [role('operations')] : (first?.movers ?? []);
    const name =
      stuck && deployment !== undefined ? deploymentName(deployment.id) : changeName(view.change.id);
    for (const mover of movers.filter(({ kind }) => kind !== 'system')) {
      const key = JSON.stringify(mover);
      const known = needs.get(key) ?? { mover, about: [] };
      needs.set(key, known);
      known.about.push(name);
    }
  }
  const [policy] = aboard.map(({ view }) => view.policy);
  if (needs.size === 0 || policy === undefined) return [];
  const texts = [...needs.values()]
    .slice(0, 4)
    .map(({ mover, about }): Text => [...moversText([mover], policy), ` for ${list(about, 'and', 4)}`]);
  return [
    {
      kind: 'text',
      text: [bold('Needed now'), ': ', ...texts.flatMap((text, i) => (i === 0 ? text : ['; ', ...text]))],
    },
  ];
};

/** The end of what the step printed that went wrong last, while it matters. */
export const failingBlocks = ({ ended }: TrainView, aboard: readonly Aboard[]): readonly Block[] => {
  const broken = aboard.flatMap(({ view: { deployment: one } }) =>
    one === undefined || one.deployment.state === 'succeeded'
      ? []
      : one.runs
          .filter(({ state, tail }) => ['failed', 'stopped', 'unknown'].includes(state) && tail.trim() !== '')
          .map((run) => ({ one, run })),
  );
  const last = broken.toSorted((a, b) => a.run.startedAt.getTime() - b.run.startedAt.getTime()).at(-1);
  if (ended || last === undefined) return [];
  const { deployment } = last.one;
  const step = deployment.plan.steps[last.run.step]?.name ?? `step ${last.run.step + 1}`;
  return [
    header(`${deploymentName(deployment.id)} ${deployment.service}, ${step}`),
    { kind: 'output', text: lastLines(last.run.tail) },
  ];
};

/** What the night asks of people, by what goes on at the moment. */
export const nightButtons = (view: TrainView, aboard: readonly Aboard[]): readonly Button[] => {
  const states = aboard.flatMap(({ view: { deployment } }) => deployment?.deployment ?? []);
  const running = states.some(({ state }) => state === 'running');
  const asking = states.filter(({ state }) => state === 'asking').slice(0, 2);
  const failed = states.filter(({ state }) => state === 'failed').slice(0, 2);
  const { open, closes, atEnd } = view.window;
  const ending =
    open && closes !== undefined && atEnd === undefined && closes.getTime() - view.now.getTime() <= askBefore;
  return distinct([
    ...asking.flatMap(({ id }) => resolveButtons(deploymentName(id), true)),
    ...failed.map(({ id }) => button('deploy rollback', deploymentName(id), true)),
    ...(running && ending ? atEndButtons(view.train.id) : []),
    ...(running ? [button('deploy stop', view.train.id)] : []),
  ]);
};
