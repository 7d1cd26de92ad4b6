import { type Kysely, sql } from 'kysely';
import { type LearnedDurations, learnedKey } from '../domain/learned.ts';
import type { Database } from './schema.ts';

/** Runs of a service and a plan that are looked at, the newest ones. */
const lastRuns = 20;

/**
 * How long the steps of past deployments took, by service and plan. Only of those that succeeded without a person's
 * word: what waited for an answer says nothing about the next one.
 */
export const learnedDurations = async (
  db: Kysely<Database>,
  services: readonly string[],
): Promise<LearnedDurations> => {
  if (services.length === 0) return new Map();
  const { rows } = await sql<{ service: string; plan: string; runs: string; p50: number; p90: number }>`
    select service, plan, count(*) as runs,
      percentile_disc(0.5) within group (order by ms) as p50,
      percentile_disc(0.9) within group (order by ms) as p90
    from (
      select d.service, d.plan->>'name' as plan,
        (extract(epoch from sum(r.finished_at - r.started_at)) * 1000)::float8 as ms,
        row_number() over (partition by d.service, d.plan->>'name' order by d.id desc) as age
      from deployment d join step_run r on r.deployment = d.id and r.direction = 'do'
        and d.plan->'steps'->r.step->'check' is null
        and d.plan->'steps'->r.step->>'part' is distinct from 'refresh'
      where d.state = 'succeeded' and d.service = any(${[...new Set(services)]}::text[])
      group by d.id
      having bool_and(r.state = 'succeeded' and r.exit_code = 0)
    ) as past
    where age <= ${lastRuns}
    group by service, plan`.execute(db);
  return new Map(
    rows.map(({ service, plan, runs, p50, p90 }) => [
      learnedKey(service, plan),
      { runs: Number(runs), p50, p90 },
    ]),
  );
};
