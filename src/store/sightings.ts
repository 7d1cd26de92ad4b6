import { type Kysely, sql } from 'kysely';
import type { Database } from './schema.ts';

type Ref = Readonly<Record<string, string>>;

/** What a message that somebody has before their eyes was posted for. */
export type Sighting =
  /** It is on record, or for nothing that we know. */
  | { readonly kind: 'known' }
  /** Nobody knew that it had been posted. */
  | { readonly kind: 'found-notice'; readonly lane: string }
  | { readonly kind: 'found-card'; readonly subject: string }
  /** The same was posted again since. */
  | { readonly kind: 'second' };

const isToken = (text: string): boolean => /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(text);

/**
 * A message shows itself under the key that it was posted with, which nobody can make up. One that was tried without
 * an answer is found that way, and is on record from then on.
 */
export const sightMessage = async (db: Kysely<Database>, key: string, ref: Ref): Promise<Sighting> => {
  const [kind, token = ''] = key.split('/');
  if ((kind !== 'notice' && kind !== 'card') || !isToken(token)) return { kind: 'known' };
  const json = JSON.stringify(ref);
  if (kind === 'notice') {
    const { rows } = await sql<{ lane: string }>`
      update notice set state = 'sent', ref = ${json}, claimed_until = null
      where token = ${token} and ref is null and attempts > 0 and state in ('waiting', 'sending') returning lane`.execute(
      db,
    );
    if (rows[0] !== undefined) return { kind: 'found-notice', lane: rows[0].lane };
  } else {
    const { rows } = await sql<{ subject: string }>`
      update card_post set ref = ${json}, next_at = null
      where token = ${token} and ref is null and tries > 0 returning subject`.execute(db);
    if (rows[0] !== undefined) return { kind: 'found-card', subject: rows[0].subject };
  }
  const table = kind === 'notice' ? sql`notice` : sql`card_post`;
  const { rows } = await sql<{ id: string | null }>`
    select ref ->> 'id' as id from ${table} where token = ${token}`.execute(db);
  const [known] = rows;
  if (known === undefined || known.id === null || known.id === ref['id']) return { kind: 'known' };
  // Whatever the key says: what is on record for anything stays.
  const { rows: others } = await sql`
    select from card_post where ref ->> 'id' = ${ref['id']} union all
    select from notice where ref ->> 'id' = ${ref['id']} limit 1`.execute(db);
  return { kind: others.length > 0 ? 'known' : 'second' };
};
