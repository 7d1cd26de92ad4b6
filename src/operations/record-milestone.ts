import { changeName } from '../domain/change.ts';
import type { Outcome } from '../domain/evidence.ts';
import type { MilestoneRule, Policy } from '../domain/policy.ts';
import { refuse, role } from '../domain/refusal.ts';
import { closest } from '../domain/spelling.ts';
import { changesWaitingFor } from '../store/changes.ts';
import { insertEvidence } from '../store/evidence.ts';
import type { Cause } from '../store/store.ts';
import type { Context } from './context.ts';
import { personNamed } from './find.ts';
import { redraw } from './outgoing.ts';
import { wake } from './wake.ts';

/** Something outside of software is there, or is not. */
export interface MilestoneReport {
  readonly milestone: string;
  readonly outcome: Outcome;
  readonly source: string;
  readonly comment?: string;
  readonly url?: string;
  readonly observedAt?: Date;
}

export const milestoneNamed = (policy: Policy, name: string): MilestoneRule => {
  const known = [...(policy.milestones?.keys() ?? [])];
  const meant = closest(name, known);
  return (
    policy.milestones?.get(name) ??
    refuse({
      code: 'unknown-milestone',
      facts: { milestone: name, known, ...(meant === undefined ? {} : { meant }) },
    })
  );
};

/** A person says it: one of its owners, or a release manager. */
export const stateMilestone = async (
  context: Context,
  cause: Cause,
  report: Omit<MilestoneReport, 'source'>,
): Promise<void> => {
  const policy = context.policy();
  const { id } = personNamed(policy, cause.actor);
  const { owners } = milestoneNamed(policy, report.milestone);
  const roles = policy.releaseManagers;
  if (!owners.includes(id) && !roles.some((name) => policy.roles.get(name)?.includes(id)))
    refuse({ code: 'not-your-role', facts: { what: 'milestone', roles }, movers: roles.map(role) });
  await record(context, cause, { ...report, source: 'chat' }, id);
};

/** A system says it. A repeated report throws `Repeated` and changes nothing. */
export const recordMilestone = (context: Context, cause: Cause, report: MilestoneReport): Promise<void> =>
  record(context, cause, report, null);

const record = (
  context: Context,
  cause: Cause,
  report: MilestoneReport,
  person: string | null,
): Promise<void> =>
  context.store.transaction(cause, async (tx) => {
    const { name } = milestoneNamed(context.policy(), report.milestone);
    // Locked first: a deployment that starts now has been judged before this, or is judged with it.
    const waiting = await changesWaitingFor(tx.db, name);
    const observed = report.observedAt ?? cause.at;
    await insertEvidence(tx.db, {
      kind: 'milestone',
      milestone: name,
      service: null,
      version: null,
      artifact: null,
      change: null,
      environment: null,
      platform: null,
      role: null,
      builder: null,
      train: null,
      outcome: report.outcome,
      person,
      source: report.source,
      comment: report.comment ?? null,
      url: report.url ?? null,
      details: null,
      // A report cannot speak of the future: it would hide every later one.
      observedAt: new Date(Math.min(observed.getTime(), cause.at.getTime())),
      receivedAt: cause.at,
    });
    tx.record({
      kind: 'evidence',
      outcome: report.outcome,
      facts: { kind: 'milestone', milestone: name, person, source: report.source },
    });
    const names = waiting.map(({ id }) => changeName(id));
    await redraw(tx, context, names);
    await wake(tx, context, names);
  });
