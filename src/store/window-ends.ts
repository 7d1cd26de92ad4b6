import type { Kysely } from 'kysely';
import type { WindowEnd } from '../domain/window-end.ts';
import type { Database } from './schema.ts';

/** One end of a window: a freeze may cut a window in two, and each part has an end of its own. */
export interface WindowEndKey {
  readonly train: string;
  /** Of the window. */
  readonly name: string;
  readonly closes: Date;
}

export const saveWindowEnd = async (
  db: Kysely<Database>,
  key: WindowEndKey,
  end: WindowEnd,
): Promise<void> => {
  await db
    .insertInto('window_end')
    .values({ ...key, ...end })
    .onConflict((on) => on.columns(['train', 'name', 'closes']).doUpdateSet(end))
    .execute();
};

/** Undefined while nobody has said anything. */
export const findWindowEnd = async (
  db: Kysely<Database>,
  { train, name, closes }: WindowEndKey,
): Promise<WindowEnd | undefined> =>
  db
    .selectFrom('window_end')
    .select(['choice', 'person', 'at'])
    .where('train', '=', train)
    .where('name', '=', name)
    .where('closes', '=', closes)
    .executeTakeFirst();
