import type { Kysely } from 'kysely';
import type { Database } from './schema.ts';

/** Somebody who called the number that is always answered. */
export interface LineCall {
  /** The provider's name of the call. */
  readonly sid: string;
  readonly page: number;
  /** Number that it came from, as the provider says. */
  readonly caller: string;
  readonly service: string | null;
}

/** One telephone that was rung for a call. */
export interface LineLeg {
  readonly leg: number;
  readonly person: string;
  readonly takenAt: Date | null;
}

export const insertCall = async (
  db: Kysely<Database>,
  { sid, page, caller, begunAt }: Omit<LineCall, 'service'> & { readonly begunAt: Date },
): Promise<void> => {
  await db
    .insertInto('line_call')
    .values({ sid, page, caller, service: null, begun_at: begunAt })
    .onConflict((on) => on.column('sid').doNothing())
    .execute();
};

export const findCall = async (db: Kysely<Database>, sid: string): Promise<LineCall | undefined> =>
  db
    .selectFrom('line_call')
    .select(['sid', 'page', 'caller', 'service'])
    .where('sid', '=', sid)
    .executeTakeFirst();

/** Until the transaction ends nobody else goes on with the call. */
export const lockCall = async (db: Kysely<Database>, sid: string): Promise<LineCall | undefined> =>
  db
    .selectFrom('line_call')
    .select(['sid', 'page', 'caller', 'service'])
    .where('sid', '=', sid)
    .forUpdate()
    .executeTakeFirst();

export const setCallService = async (db: Kysely<Database>, sid: string, service: string): Promise<void> => {
  await db.updateTable('line_call').set({ service }).where('sid', '=', sid).execute();
};

/** In the order of ringing. */
export const legsOf = async (db: Kysely<Database>, sid: string): Promise<readonly LineLeg[]> => {
  const rows = await db.selectFrom('line_leg').selectAll().where('sid', '=', sid).orderBy('leg').execute();
  return rows.map((row) => ({ leg: row.leg, person: row.person, takenAt: row.taken_at }));
};

export const insertLeg = async (
  db: Kysely<Database>,
  sid: string,
  { leg, person }: Omit<LineLeg, 'takenAt'>,
): Promise<void> => {
  await db.insertInto('line_leg').values({ sid, leg, person, taken_at: null }).execute();
};

export const takeLeg = async (db: Kysely<Database>, sid: string, leg: number, at: Date): Promise<void> => {
  await db
    .updateTable('line_leg')
    .set({ taken_at: at })
    .where('sid', '=', sid)
    .where('leg', '=', leg)
    .where('taken_at', 'is', null)
    .execute();
};
