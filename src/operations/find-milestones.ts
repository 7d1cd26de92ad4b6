import { changeName } from '../domain/change.ts';
import { milestoneState } from '../domain/milestone.ts';
import type { MilestoneView } from '../domain/view.ts';
import { changesWaitingFor } from '../store/changes.ts';
import { milestoneReports } from '../store/evidence.ts';
import type { Context } from './context.ts';
import { milestoneNamed } from './record-milestone.ts';

/** One by its name, or all of the policy's, the next due first. */
export const describeMilestones = async (
  context: Context,
  name?: string,
): Promise<readonly MilestoneView[]> => {
  const policy = context.policy();
  const rules =
    name === undefined ? [...(policy.milestones?.values() ?? [])] : [milestoneNamed(policy, name)];
  const reports = await milestoneReports(
    context.store.db,
    rules.map((rule) => rule.name),
  );
  const views: MilestoneView[] = [];
  for (const rule of rules.toSorted((a, b) => (a.due < b.due ? -1 : 1))) {
    const waiting = await changesWaitingFor(context.store.db, rule.name, 'read');
    views.push({
      rule,
      said: milestoneState(rule.name, reports) ?? null,
      waiting: waiting.map(({ id, service }) => ({ change: changeName(id), service })),
    });
  }
  return views;
};
