import type { Kysely } from 'kysely';
import type { Helper } from '../domain/page.ts';
import type { Database } from './schema.ts';

/** Those of the people who had not been asked before. */
export const insertHelpers = async (
  db: Kysely<Database>,
  page: number,
  people: readonly string[],
  by: string,
  at: Date,
): Promise<readonly string[]> => {
  if (people.length === 0) return [];
  const rows = await db
    .insertInto('page_helper')
    .values([...new Set(people)].map((person) => ({ page, person, asked_by: by, asked_at: at })))
    .onConflict((on) => on.columns(['page', 'person']).doNothing())
    .returning('person')
    .execute();
  return rows.map(({ person }) => person);
};

/** In the order in which they were asked. */
export const helpersOf = async (db: Kysely<Database>, page: number): Promise<readonly Helper[]> => {
  const rows = await db
    .selectFrom('page_helper')
    .selectAll()
    .where('page', '=', page)
    .orderBy('asked_at')
    .orderBy('person')
    .execute();
  return rows.map((row) => ({ person: row.person, askedBy: row.asked_by, cameAt: row.came_at }));
};

/** False when the person was not asked, or has come before. */
export const helperCame = async (
  db: Kysely<Database>,
  page: number,
  person: string,
  at: Date,
): Promise<boolean> => {
  const row = await db
    .updateTable('page_helper')
    .set({ came_at: at })
    .where('page', '=', page)
    .where('person', '=', person)
    .where('came_at', 'is', null)
    .returning('person')
    .executeTakeFirst();
  return row !== undefined;
};
