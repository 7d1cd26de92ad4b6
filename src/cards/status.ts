import type { Mark, Tone } from '../chat/card.ts';
import { assertNever } from '../domain/assert-never.ts';
import type { Excuse } from '../domain/excuse.ts';
import { lastOf } from '../domain/next-move.ts';
import { hour } from '../domain/time.ts';
import type { ChangeView, StageView } from '../domain/view.ts';
import { currentStep, doing, isBaking } from './deployment-words.ts';
import { excuseText, isFailure, isWaiting } from './excuse-words.ts';
import { count, cutoffName, dayTime, people, plain } from './words.ts';

/** Where a change stands, in one word for the machine and one phrase for people. */
export interface Status {
  readonly kind: 'blocked' | 'missing' | 'ready' | 'live' | 'deployed' | 'undone' | 'withdrawn';
  readonly tone: Tone;
  readonly mark: Mark;
  /** After the change's name: `needs 2 more things for “in test”`. */
  readonly phrase: string;
  /** What keeps it from the next thing it wants, each once; nothing when it is nobody's move. */
  readonly excuses: readonly Excuse[];
}

/** The first cutoff that has not closed. */
export const nextStage = (view: ChangeView): StageView | undefined =>
  view.stages.find((stage) => !stage.closed);

/** Excuses of the closed cutoffs and the next one; after the last, of the gate too. */
const currentExcuses = (view: ChangeView): readonly Excuse[] => {
  const next = nextStage(view);
  const due = view.stages.filter((stage) => stage.closed || stage === next).flatMap((stage) => stage.excuses);
  return once([...due, ...(next === undefined ? gateExcuses(view) : [])]);
};

/** With what the night's plan says of its deployment. */
const gateExcuses = (view: ChangeView): readonly Excuse[] => {
  const hold = view.change.state === 'boarded' ? (view.deployment?.deployment.hold ?? null) : null;
  return hold === null || view.gate.some(({ code }) => code === hold.code) ? view.gate : [...view.gate, hold];
};

export const allExcuses = (view: ChangeView): readonly Excuse[] =>
  once([...view.stages.flatMap((stage) => stage.excuses), ...gateExcuses(view)]);

/** Two cutoffs may ask for the same. */
const once = (excuses: readonly Excuse[]): readonly Excuse[] => [
  ...new Map(excuses.map((excuse) => [JSON.stringify(excuse), excuse])).values(),
];

export const statusOf = (view: ChangeView): Status => {
  switch (view.change.state) {
    case 'boarded':
      return boarded(view);
    case 'deploying': {
      const { deployment } = view;
      if (deployment?.deployment.state === 'asking')
        return done('live', 'bad', 'missing', `needs an answer: did ${stepOf(view)} happen?`);
      const state = deployment?.deployment.state;
      const isPlain =
        deployment === undefined || state === 'queued' || (state === 'running' && !isBaking(deployment));
      return done(
        'live',
        state === 'undoing' || state === 'baked' ? 'warning' : 'neutral',
        state === 'baked' ? 'missing' : 'running',
        isPlain ? 'is being deployed' : doing(deployment),
      );
    }
    case 'deployed':
      // Set up otherwise than it was tested (L4).
      return done(
        'deployed',
        view.gate.length > 0 ? 'warning' : 'good',
        'done',
        `is in production${onSides(view)}`,
      );
    case 'rolled-back':
      return done('undone', 'bad', 'failed', 'was rolled back');
    case 'failed':
      return done('undone', 'bad', 'failed', 'failed and could not be undone; operations must look');
    case 'withdrawn':
      return done('withdrawn', 'neutral', 'none', 'was withdrawn');
    default:
      return assertNever(view.change.state);
  }
};

/** Of parallel production: whether the side that it left is still as it was, for a switch back. */
const onSides = ({ deployment, policy }: ChangeView): string => {
  if (deployment === undefined) return '';
  const { sides, keptUntil, plan, state } = deployment.deployment;
  if (sides === null) return '';
  if (state === 'refreshing') return `; ${sides.old} is being brought up to date`;
  if (keptUntil !== null)
    return `; ${plain([`${sides.old} stays as it was until `, dayTime(keptUntil)], policy)}`;
  const isRefreshed = plan.steps.some(
    ({ part }, i) => part === 'refresh' && lastOf(deployment.runs, i, 'do')?.state === 'succeeded',
  );
  return isRefreshed ? ', on both sides' : '';
};

const done = (kind: Status['kind'], tone: Tone, mark: Mark, phrase: string): Status => ({
  kind,
  tone,
  mark,
  phrase,
  excuses: [],
});

const stepOf = (view: ChangeView): string => {
  const step = view.deployment && currentStep(view.deployment);
  return step === undefined ? 'its step' : `“${step}”`;
};

const boarded = (view: ChangeView): Status => {
  const { policy, standing, train, service } = view;
  const excuses = currentExcuses(view);
  const blocked = (phrase: string): Status => ({
    kind: 'blocked',
    tone: 'bad',
    mark: 'failed',
    phrase,
    excuses,
  });
  if (service === undefined || train === undefined)
    return blocked(
      `cannot go on: the policy no longer has its ${service === undefined ? 'service' : 'train'}`,
    );
  if (standing && standing.vetoes.length > 0)
    return blocked(
      `is vetoed by ${plain(
        people(
          standing.vetoes.map((v) => v.person),
          policy,
        ),
        policy,
      )}`,
    );
  const failed = excuses.filter((excuse) => isFailure(excuse) && excuse.code !== 'nogo');
  const [first, ...others] = failed;
  if (first !== undefined) {
    const more = others.length === 0 ? '' : ` (and ${others.length} more)`;
    return blocked(`is stopped: ${plain(excuseText(first, policy), policy)}${more}`);
  }
  if (view.change.type === 'emergency') return emergency(excuses);
  const next = nextStage(view);
  return next === undefined ? waitingForTheNight(view, excuses) : collecting(view, next, excuses);
};

const emergency = (excuses: readonly Excuse[]): Status => {
  const things = excuses.filter((excuse) => !isWaiting(excuse)).length;
  const ready = things === 0;
  return {
    kind: ready ? 'ready' : 'missing',
    tone: 'bad',
    mark: ready ? 'done' : 'missing',
    phrase: ready
      ? 'is an emergency and starts now'
      : `is an emergency and needs ${count(things, 'more thing')} to start at once`,
    excuses,
  };
};

const collecting = (view: ChangeView, next: StageView, excuses: readonly Excuse[]): Status => {
  const cutoff = cutoffName(next.cutoff);
  if (excuses.length === 0) {
    const all = allExcuses(view).length === 0;
    return {
      kind: 'ready',
      tone: 'good',
      mark: 'done',
      phrase: all ? 'has all its papers' : `is ready for ${cutoff}`,
      excuses,
    };
  }
  // What only waits for something else that is missing is not one thing more.
  const things = excuses.filter((excuse) => !isWaiting(excuse)).length || excuses.length;
  const soon = next.at.getTime() - view.now.getTime() < 24 * hour;
  const signatures = excuses.some((excuse) => excuse.code === 'approval-void');
  return {
    kind: 'missing',
    tone: soon || signatures ? 'warning' : 'neutral',
    mark: 'missing',
    phrase: `needs ${count(things, 'more thing')} for ${cutoff}`,
    excuses,
  };
};

const waitingForTheNight = (view: ChangeView, excuses: readonly Excuse[]): Status => {
  const { policy } = view;
  const codes = new Set(excuses.map((excuse) => excuse.code));
  if (codes.has('nogo'))
    return { kind: 'blocked', tone: 'warning', mark: 'failed', phrase: 'has a no-go', excuses };
  const papers = excuses.filter((excuse) => excuse.requirement !== undefined);
  if (papers.length > 0)
    return {
      kind: 'missing',
      tone: 'warning',
      mark: 'missing',
      phrase: `has lost ${count(papers.length, 'paper')} since the last cutoff closed`,
      excuses,
    };
  if (codes.has('go-missing'))
    return {
      kind: 'ready',
      tone: 'good',
      mark: 'done',
      phrase: 'has all its papers and waits for the go',
      excuses,
    };
  const holding = excuses.find((excuse) => !isWaiting(excuse));
  if (holding !== undefined)
    return {
      kind: 'missing',
      tone: 'warning',
      mark: 'missing',
      phrase: `is held: ${plain(excuseText(holding, policy), policy)}`,
      excuses,
    };
  const [waiting] = excuses;
  const phrase =
    waiting === undefined
      ? 'has a go and starts next'
      : codes.has('window-shut') || codes.has('frozen')
        ? 'has a go and starts in its window'
        : `has a go and ${plain(excuseText(waiting, policy), policy)}`;
  return { kind: 'ready', tone: 'good', mark: 'done', phrase, excuses };
};
