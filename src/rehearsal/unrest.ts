import { type Deployment, isAtWork, type StepRun } from '../domain/deployment.ts';
import { openDeadlines } from '../store/deadlines.ts';
import { liveDeployments } from '../store/deployments.ts';
import { sendsDue } from '../store/page-sends.ts';
import { livePages } from '../store/pages.ts';
import { stepRunsOfAll } from '../store/step-runs.ts';
import type { Store } from '../store/store.ts';

/** What is still to be done at this moment, as the database tells it: the director reads, and never asks the bot. */
export interface Unrest {
  readonly overdue: number;
  readonly notices: number;
  readonly cards: number;
  /** At work; those that wait for a person or a deadline go on when their time has come. */
  readonly deployments: readonly Deployment[];
  /** Steps that run now, with what the plan expects of them in milliseconds. */
  readonly steps: readonly { readonly run: StepRun; readonly expected: number }[];
}

export const unrestAt = async ({ db }: Store, now: Date): Promise<Unrest> => {
  const deployments = (await liveDeployments(db)).filter(({ state }) => isAtWork(state));
  const runs = await stepRunsOfAll(
    db,
    deployments.map(({ id }) => id),
  );
  const notices = await db
    .selectFrom('notice')
    .select('id')
    .where('state', 'in', ['waiting', 'sending'])
    .where('next_at', '<=', now)
    .execute();
  const cards = await db
    .selectFrom('card')
    .leftJoin('card_post', 'card_post.subject', 'card.subject')
    .select('card.subject')
    .where(({ eb, or, ref }) =>
      or([eb('card_post.subject', 'is', null), eb('card_post.drawn', '<', ref('card.version'))]),
    )
    .execute();
  return {
    overdue: (await dueUntil({ db }, now)).length,
    notices: notices.length,
    cards: cards.length,
    deployments,
    steps: deployments.flatMap(({ id, plan }) =>
      (runs.get(id) ?? [])
        .filter(({ state }) => state === 'running')
        .map((run) => ({ run, expected: plan.steps[run.step]?.expected ?? 0 })),
    ),
  };
};

/** Whatever acts by itself until then, in order: deadlines, timers of pages, and what leaves because of them. */
export const dueUntil = async ({ db }: Pick<Store, 'db'>, until: Date): Promise<readonly Date[]> =>
  [
    ...(await openDeadlines(db, until)).map(({ dueAt }) => dueAt),
    ...(await livePages(db, { dueBefore: until })).flatMap(({ dueAt }) => dueAt ?? []),
    ...(await sendsDue(db, until)).map(({ dueAt }) => dueAt),
  ].sort((a, b) => a.getTime() - b.getTime());

/** Everything has been said that there was to say; deployments may be under way. */
export const isCalm = ({ overdue, notices, cards }: Unrest): boolean => overdue + notices + cards === 0;

/** In words, for whoever asks why a rehearsal does not go on. */
export const describeUnrest = ({ overdue, notices, cards, deployments }: Unrest): string =>
  `${overdue} overdue deadlines, ${notices} notices to send, ${cards} cards to draw, ${deployments.length} deployments under way`;
