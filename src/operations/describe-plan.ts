import { rulesFor } from '../domain/case.ts';
import { changeName } from '../domain/change.ts';
import { planChanges } from '../domain/change-plan.ts';
import { fitChanges } from '../domain/fit.ts';
import { learnedOf, safeDuration, usualDuration } from '../domain/learned.ts';
import type { PlanView } from '../domain/view.ts';
import { lastSafeStart } from '../domain/window.ts';
import { listChanges } from '../store/changes.ts';
import { learnedDurations } from '../store/durations.ts';
import type { Context } from './context.ts';
import { currentTrain } from './describe.ts';
import { trainNamed } from './find.ts';

/** The order in which a train's changes would be deployed, whether they have a go yet or not. */
export const describePlan = async (
  context: Context,
  name: string | undefined,
  now: Date,
): Promise<PlanView> => {
  const policy = context.policy();
  const train = name === undefined ? await currentTrain(context, policy, now) : trainNamed(policy, name);
  const changes = await listChanges(context.store.db, {
    train: train.id,
    states: ['boarded', 'deploying', 'deployed', 'rolled-back', 'failed'],
  });
  const learned = await learnedDurations(
    context.store.db,
    changes.map((change) => change.service),
  );
  const plan = planChanges(changes, policy, 'thorough', learned);
  const fits = new Map(fitChanges(changes, policy, train, learned).map((fit) => [fit.change.id, fit]));
  const open = train.windows.flatMap((window) =>
    window.open.map((interval) => ({ name: window.name, ...interval })),
  );
  const waves = plan.planned.reduce<PlanView['waves'][number][number][][]>((all, { change, wave }) => {
    const rules = rulesFor(change, policy);
    const past = rules && learnedOf(learned, change, rules.plan);
    const expected = rules === undefined ? 0 : usualDuration(rules.plan, past);
    const safe = rules === undefined ? 0 : safeDuration(rules.plan, past);
    const starts = open
      .map((i) => lastSafeStart(i, safe, rules?.plan.reserve ?? 0))
      .filter((at, n) => at >= (open[n]?.from ?? at));
    const row = all[wave] ?? [];
    all[wave] = row;
    row.push({
      change: changeName(change.id),
      service: change.service,
      version: change.version,
      expected,
      ...(past === undefined ? {} : { learned: past }),
      fit: fits.get(change.id),
      lastSafeStart: starts.at(-1) ?? null,
      state: change.state,
    });
    return all;
  }, []);
  return { train, waves, cycles: plan.cycles, makespanSeconds: plan.makespanSeconds, windows: open };
};
