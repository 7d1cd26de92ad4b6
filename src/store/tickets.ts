import { type Kysely, sql } from 'kysely';
import type { Ticket } from '../domain/ticket.ts';
import type { Database } from './schema.ts';

export const saveTickets = async (db: Kysely<Database>, tickets: readonly Ticket[]): Promise<void> => {
  // In order of their names: two who save the same ones wait for each other instead of for ever.
  for (const { askedAt, ...columns } of [...tickets].sort((a, b) => (a.record < b.record ? -1 : 1))) {
    const row = { ...columns, asked_at: askedAt };
    await db
      .insertInto('ticket')
      .values(row)
      .onConflict((on) =>
        on
          .column('record')
          .doUpdateSet(row)
          // Never an older answer over a newer one.
          .where('ticket.asked_at', '<=', askedAt),
      )
      .execute();
  }
};

export const ticketsOf = async (
  db: Kysely<Database>,
  records: readonly string[],
): Promise<readonly Ticket[]> => {
  if (records.length === 0) return [];
  const rows = await db
    .selectFrom('ticket')
    .selectAll()
    .where(sql<boolean>`record = any(${records}::text[])`)
    .execute();
  return rows.map(({ asked_at: askedAt, ...columns }) => ({ ...columns, askedAt }));
};

/** Numbers of the changes that still collect papers and name one of these records. */
export const changesNaming = async (
  db: Kysely<Database>,
  records: readonly string[],
): Promise<readonly number[]> => {
  const { rows } = await sql<{ id: number }>`
    select id from change where state = 'boarded' and records ?| ${records}::text[] order by id`.execute(db);
  return rows.map(({ id }) => id);
};
