import type { Kysely, Selectable } from 'kysely';
import type { StandIn } from '../domain/approval.ts';
import type { Absence, Override } from '../domain/schedule.ts';
import type { Database } from './schema.ts';

export interface RosterChange {
  readonly id: number;
  readonly kind: 'override' | 'absence' | 'swap';
  readonly schedule: string | null;
  readonly person: string;
  readonly insteadOf: string | null;
  readonly from: Date;
  readonly until: Date;
  readonly state: 'asked' | 'agreed' | 'declined' | 'cancelled';
  /** The first row of the swap that this one belongs to. */
  readonly swap: number | null;
  readonly madeBy: string;
  /** For an absence: who may sign meanwhile what the person may. */
  readonly standIn?: string;
}

const toChange = (row: Selectable<Database['roster_change']>): RosterChange => ({
  id: row.id,
  kind: row.kind,
  schedule: row.schedule,
  person: row.person,
  insteadOf: row.instead_of,
  from: row.begins_at,
  until: row.ends_at,
  state: row.state,
  swap: row.swap,
  madeBy: row.made_by,
  ...(row.stand_in === null ? {} : { standIn: row.stand_in }),
});

export const insertRosterChange = async (
  db: Kysely<Database>,
  change: Omit<RosterChange, 'id'>,
  at: Date,
): Promise<RosterChange> =>
  toChange(
    await db
      .insertInto('roster_change')
      .values({
        kind: change.kind,
        schedule: change.schedule,
        person: change.person,
        instead_of: change.insteadOf,
        begins_at: change.from,
        ends_at: change.until,
        state: change.state,
        swap: change.swap,
        made_by: change.madeBy,
        made_at: at,
        stand_in: change.standIn ?? null,
      })
      .returningAll()
      .executeTakeFirstOrThrow(),
  );

/** What people have agreed on and is not over, in the order in which it was made. */
export const arrangedAfter = async (
  db: Kysely<Database>,
  at: Date,
): Promise<{ readonly overrides: readonly Override[]; readonly absences: readonly Absence[] }> => {
  const rows = await db
    .selectFrom('roster_change')
    .selectAll()
    .where('state', '=', 'agreed')
    .where('ends_at', '>', at)
    .orderBy('id')
    .execute();
  const changes = rows.map(toChange);
  return {
    overrides: changes.flatMap(({ schedule, person, insteadOf, from, until }) =>
      schedule === null
        ? []
        : [{ schedule, person, from, until, ...(insteadOf === null ? {} : { insteadOf }) }],
    ),
    absences: changes.flatMap(({ kind, person, from, until }) =>
      kind === 'absence' ? [{ person, from, until }] : [],
    ),
  };
};

/** Who stands in for whom at the instant; the arrangement that was made last comes first. */
export const standInsAt = async (db: Kysely<Database>, at: Date): Promise<readonly StandIn[]> => {
  const rows = await db
    .selectFrom('roster_change')
    .select(['person', 'stand_in'])
    .where('kind', '=', 'absence')
    .where('state', '=', 'agreed')
    .where('begins_at', '<=', at)
    .where('ends_at', '>', at)
    .where('stand_in', 'is not', null)
    .orderBy('id', 'desc')
    .execute();
  return rows.flatMap(({ person, stand_in }) =>
    stand_in === null ? [] : [{ person: stand_in, insteadOf: person }],
  );
};

/** A swap with its way back, kept until the transaction ends. */
export const lockSwap = async (db: Kysely<Database>, id: number): Promise<readonly RosterChange[]> =>
  (
    await db
      .selectFrom('roster_change')
      .selectAll()
      .where('kind', '=', 'swap')
      .where((on) => on.or([on('id', '=', id), on('swap', '=', id)]))
      .orderBy('id')
      .forUpdate()
      .execute()
  ).map(toChange);

export const settleRosterChanges = async (
  db: Kysely<Database>,
  ids: readonly number[],
  state: RosterChange['state'],
): Promise<void> => {
  await db
    .updateTable('roster_change')
    .set({ state })
    .where('id', 'in', [...ids])
    .execute();
};
