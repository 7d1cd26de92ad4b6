import { type Kysely, sql } from 'kysely';
import type { ReportedPage, ReportedSend } from '../domain/page-report.ts';
import type { Interval } from '../domain/time.ts';
import type { Database } from './schema.ts';

/** Raised in the interval, with what became of them so far; without drills and what was merged into others. */
export const pagesRaised = async (
  db: Kysely<Database>,
  { from, until }: Interval,
): Promise<readonly ReportedPage[]> => {
  const { rows } = await sql<{
    id: number;
    service: string | null;
    raised_at: Date;
    asked_at: Date | null;
    acknowledged_at: Date | null;
    resolved_at: Date | null;
    resolved_by: string | null;
  }>`
    select p.id, p.service, p.raised_at, p.acknowledged_at, p.resolved_at, p.resolved_by,
      (select min(s.due_at) from page_send as s where s.page = p.id and s.kind = 'page') as asked_at
    from page as p
    where p.raised_at >= ${from} and p.raised_at < ${until} and p.kind <> 'drill' and p.merged_into is null
    order by p.id`.execute(db);
  return rows.map((row) => ({
    id: row.id,
    service: row.service,
    raisedAt: row.raised_at,
    askedAt: row.asked_at,
    // Whoever resolves what nobody has acknowledged has answered it too; a source has not.
    answeredAt:
      row.acknowledged_at ??
      (row.resolved_by === null || row.resolved_by.startsWith('system:') ? null : row.resolved_at),
    resolvedAt: row.resolved_at,
  }));
};

/** What left, or could not, because of these pages and of drills: those wake people too. */
export const sendsTried = async (
  db: Kysely<Database>,
  { from, until }: Interval,
): Promise<readonly ReportedSend[]> => {
  const { rows } = await sql<ReportedSend>`
    select page, person, way, state, coalesce(sent_at, due_at) as at from page_send
    where state in ('sent', 'failed') and kind <> 'update'
      and coalesce(sent_at, due_at) >= ${from} and coalesce(sent_at, due_at) < ${until}
    order by id`.execute(db);
  return rows;
};
