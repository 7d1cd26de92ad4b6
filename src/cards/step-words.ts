import type { Block, Mark, Text } from '../chat/card.ts';
import { assertNever } from '../domain/assert-never.ts';
import { isBetween, type StepRun } from '../domain/deployment.ts';
import { lastOf as lastRun } from '../domain/next-move.ts';
import { expectedDuration } from '../domain/phases.ts';
import type { Policy } from '../domain/policy.ts';
import type { DeploymentView } from '../domain/view.ts';
import { bullets, type Item } from './blocks.ts';
import { lastLines } from './deployment-words.ts';
import { excuseLine, excuseMark } from './excuse-words.ts';
import { phaseItems } from './phase-words.ts';
import { clip, clockTime, duration, move } from './words.ts';

/** How far it is, step by step. Nothing more when all went well; a failing step shows the end of what it printed. */
export const stepBlocks = (view: DeploymentView, policy: Policy): readonly Block[] => {
  const { deployment, runs } = view;
  const { steps } = deployment.plan;
  switch (deployment.state) {
    case 'queued':
    case 'cancelled':
      return deployment.hold === null
        ? []
        : bullets([{ mark: excuseMark(deployment.hold), text: excuseLine(deployment.hold, policy) }]);
    case 'succeeded':
      return [];
    case 'refreshing':
      return bullets(steps.flatMap(({ part }, i) => (part === 'refresh' ? [stepItem(view, i, policy)] : [])));
    case 'running':
    case 'baking':
    case 'baked':
    case 'undoing':
    case 'asking':
    case 'rolled-back':
    case 'failed': {
      const tail = tailOf(runs);
      return [
        ...progress(view),
        ...bullets(
          deployment.plan.phases === undefined
            ? tonight(view).map((i) => stepItem(view, i, policy))
            : phaseItems(view, policy, (i) => stepItem(view, i, policy)),
        ),
        ...(tail === '' ? [] : [{ kind: 'output' as const, text: tail }]),
      ];
    }
    default:
      return assertNever(deployment.state);
  }
};

/** Numbers of the steps of the night; what is done to the old side afterwards shows once it was begun. */
const tonight = ({ deployment, runs }: DeploymentView): readonly number[] =>
  deployment.plan.steps.flatMap(({ part }, i) =>
    part === 'refresh' && lastRun(runs, i, 'do') === undefined ? [] : [i],
  );

/** Of a phased plan by phases, of any other by steps. */
const progress = (view: DeploymentView): readonly Block[] => {
  const { deployment, runs } = view;
  const { state, plan, promoted } = deployment;
  if (state !== 'running' && !isBetween(state)) return [];
  const steps = tonight(view);
  const done = steps.filter((i) => lastRun(runs, i, 'do')?.state === 'succeeded').length;
  const length = duration(expectedDuration(plan));
  return plan.phases === undefined
    ? [{ kind: 'progress', done, total: steps.length, label: [`steps, ${length} expected in all`] }]
    : [
        {
          kind: 'progress',
          done: promoted + (state === 'baked' ? 1 : 0),
          total: plan.phases.length,
          label: [`phases, ${length} expected in all`],
        },
      ];
};

const stepItem = ({ deployment, runs, now }: DeploymentView, step: number, policy: Policy): Item => {
  const name = deployment.plan.steps[step]?.name ?? `step ${step + 1}`;
  const did = lastRun(runs, step, 'do');
  const undid = lastRun(runs, step, 'undo');
  const forward =
    deployment.state === 'running' || deployment.state === 'asking' || isBetween(deployment.state);
  if (did === undefined)
    return forward ? { mark: 'waiting', text: [name] } : { mark: 'none', text: [`${name}, not started`] };
  const { mark, text } = runWords(did, now, policy);
  if (undid === undefined) {
    const expected = deployment.plan.steps[step]?.expected ?? 0;
    return {
      mark,
      text: [`${name}, `, ...text, ...(did.state === 'running' ? [`, ${duration(expected)} expected`] : [])],
    };
  }
  const undo = runWords(undid, now, policy);
  // A step that went well and was undone did not fail; the one that failed keeps its mark.
  const shown = undid.state === 'succeeded' ? (mark === 'failed' ? mark : 'none') : undo.mark;
  return { mark: shown, text: [`${name}, `, ...text, '; ', ...undoWords(undid, undo.text)] };
};

const undoWords = (run: StepRun, text: Text): Text =>
  run.state === 'succeeded' ? ['undone'] : ['undoing it: ', ...text];

const runWords = (run: StepRun, now: Date, policy: Policy): { readonly mark: Mark; readonly text: Text } => {
  const length =
    run.finishedAt === null ? '' : ` after ${duration(run.finishedAt.getTime() - run.startedAt.getTime())}`;
  switch (run.state) {
    case 'running':
      return {
        mark: 'running',
        text: [
          'running since ',
          clockTime(run.startedAt),
          ` (${duration(now.getTime() - run.startedAt.getTime())})`,
        ],
      };
    case 'succeeded':
      return { mark: 'done', text: [`done${length}`] };
    case 'failed':
      return { mark: 'failed', text: [`failed${length}${reasonText(run.reason)}`] };
    case 'stopped':
      return { mark: 'failed', text: [`stopped${length}${reasonText(run.reason)}`] };
    case 'unknown':
      return {
        mark: 'missing',
        text: [
          `nobody knows whether it happened${reasonText(run.reason)}`,
          ...move([{ kind: 'role', role: 'operations' }], policy),
        ],
      };
    default:
      return assertNever(run.state);
  }
};

const reasonText = (reason: string | null): string => {
  if (reason === null || reason === '' || reason === 'stopped') return '';
  return reason === 'timeout' ? ' (it took too long)' : ` (${clip(reason, 200)})`;
};

/** The end of what the last failing step printed, as many lines as one reads. */
const tailOf = (runs: readonly StepRun[]): string =>
  lastLines(
    runs.findLast((run) => run.state !== 'succeeded' && run.state !== 'running' && run.tail !== '')?.tail ??
      '',
  );
