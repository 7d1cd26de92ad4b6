import type { Kysely } from 'kysely';
import { append, emptyTree, type Frontier, leafHash } from '../domain/merkle.ts';
import type { Database } from './schema.ts';

/** The tree of the newest checkpoint; the empty one when there is none. */
export const lastFrontier = async (db: Kysely<Database>): Promise<Frontier> => {
  const row = await db
    .selectFrom('checkpoint')
    .select(['size', 'roots'])
    .orderBy('size', 'desc')
    .limit(1)
    .executeTakeFirst();
  return row === undefined
    ? emptyTree
    : { size: Number(row.size), roots: row.roots.map((root) => Buffer.from(root, 'hex')) };
};

/** With the entries that came after it, up to the head of the chain. */
export const growFrontier = async (
  db: Kysely<Database>,
  from: Frontier,
): Promise<{ readonly frontier: Frontier; readonly head: string | undefined }> => {
  let frontier = from;
  let head: string | undefined;
  for (;;) {
    const page = await db
      .selectFrom('audit')
      .select(['entry', 'hash'])
      .where('seq', '>', frontier.size)
      .orderBy('seq')
      .limit(5_000)
      .execute();
    if (page.length === 0) return { frontier, head };
    for (const { entry } of page) frontier = append(frontier, leafHash(entry));
    head = page.at(-1)?.hash;
  }
};

/** False when another instance was first. */
export const insertCheckpoint = async (
  db: Kysely<Database>,
  frontier: Frontier,
  note: string,
  at: Date,
): Promise<boolean> => {
  const row = await db
    .insertInto('checkpoint')
    .values({
      size: frontier.size,
      roots: JSON.stringify(frontier.roots.map((root) => root.toString('hex'))),
      note,
      at,
    })
    .onConflict((on) => on.doNothing())
    .returning('size')
    .executeTakeFirst();
  return row !== undefined;
};

/** Oldest first. */
export const notesOfCheckpoints = async (db: Kysely<Database>): Promise<readonly string[]> =>
  (await db.selectFrom('checkpoint').select('note').orderBy('size').execute()).map(({ note }) => note);
