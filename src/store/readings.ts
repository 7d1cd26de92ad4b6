import { type Kysely, sql } from 'kysely';
import type { ConfirmedReading } from '../domain/observation.ts';
import type { Database } from './schema.ts';

export const insertReading = async (
  db: Kysely<Database>,
  { observedAt, receivedAt, ...columns }: ConfirmedReading,
): Promise<void> => {
  await db
    .insertInto('reading')
    .values({ ...columns, observed_at: observedAt, received_at: receivedAt })
    .execute();
};

/** Of each place of these services the last ones, oldest first: enough to know what was so a while ago. */
export const readingsOf = async (
  db: Kysely<Database>,
  services: readonly string[],
): Promise<readonly ConfirmedReading[]> => {
  if (services.length === 0) return [];
  const { rows } = await sql<ConfirmedReading>`
    select service, environment, platform, aspect, value, observed_at as "observedAt", received_at as "receivedAt"
    from (
      select *, row_number() over (partition by service, environment, platform, aspect order by id desc) as age
      from reading where service = any(${services}::text[])
    ) numbered where age <= 20 order by id`.execute(db);
  return rows;
};
