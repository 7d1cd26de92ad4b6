import { type Kysely, sql } from 'kysely';
import type { DeploymentState } from '../domain/deployment.ts';
import type { Database } from './schema.ts';

/** Rejects when the database does not answer. */
export const ping = async (db: Kysely<Database>): Promise<void> => {
  await sql`select 1`.execute(db);
};

export interface Stock {
  /** Due and not done. More than a handful for more than a minute: nobody works on them. */
  readonly deadlinesOverdue: number;
  readonly noticesWaiting: number;
  readonly trainsOpen: number;
  /** States that no deployment is in are absent. */
  readonly deployments: ReadonlyMap<DeploymentState, number>;
}

/** What there is, counted: for those who watch over the bot. */
export const takeStockOf = async (db: Kysely<Database>, now: Date): Promise<Stock> => {
  const { rows } = await sql<{ deadlines: number; notices: number; trains: number }>`select
    (select count(*) from deadline where done_at is null and due_at <= ${now}) as deadlines,
    (select count(*) from notice where state in ('waiting', 'sending')) as notices,
    (select count(*) from train where ended_at is null) as trains`.execute(db);
  const deployments = await db
    .selectFrom('deployment')
    .select(['state', ({ fn }) => fn.countAll<number>().as('count')])
    .groupBy('state')
    .execute();
  return {
    deadlinesOverdue: rows[0]?.deadlines ?? 0,
    noticesWaiting: rows[0]?.notices ?? 0,
    trainsOpen: rows[0]?.trains ?? 0,
    deployments: new Map(deployments.map(({ state, count }) => [state, count])),
  };
};
