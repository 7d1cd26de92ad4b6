import type { Destination, Notice } from '../domain/notice.ts';
import { pageNumber } from '../domain/page.ts';
import type { RunSheet } from '../domain/run-sheet.ts';
import { addCopies, type CardCopy, cardVersion, claimCopy, settleCopy } from '../store/cards.ts';
import { claimNotice, type NoticeRow, settleNotice } from '../store/notices.ts';
import { cutoffsOf } from '../store/trains.ts';
import type { Context } from './context.ts';
import { channel } from './outgoing.ts';
import { cardOfDetails, hasDetails, touchTrain } from './thread.ts';

/** What a sender has in hand; it must report what became of it. */
export interface Delivery {
  readonly destination: Destination;
  readonly notice: Notice;
  /** Names the notice, for platforms that can find what they may have posted. */
  readonly key: string;
  /** 1 for the first try. */
  readonly attempt: number;
  /** When it was to be told. */
  readonly since: Date;
  sent(ref: Readonly<Record<string, string>>): Promise<void>;
  retryAfter(ms: number): Promise<void>;
  /** Its turn comes then: nothing was tried. */
  wait(ms: number): Promise<void>;
  /** The destination is gone for good. */
  dead(): Promise<void>;
}

/** The lane's next notice, for this sender alone; undefined when there is none or its time has not come. */
export const nextNotice = async (context: Context, lane: string): Promise<Delivery | undefined> => {
  const { db } = context.store;
  const row: NoticeRow | undefined = await claimNotice(db, lane, context.clock.now());
  if (row === undefined) return undefined;
  const later = async (ms: number, untried: boolean): Promise<void> => {
    const nextAt = new Date(context.clock.now().getTime() + ms);
    await settleNotice(db, row.id, { state: 'waiting', nextAt, untried });
    await context.bell.ring('deliver-notices', { lane }, { at: nextAt });
  };
  return {
    destination: row.destination,
    notice: row.notice,
    key: `notice/${row.token}`,
    attempt: row.attempts,
    since: row.createdAt,
    sent: (ref) => settleNotice(db, row.id, { state: 'sent', ref }),
    dead: () => settleNotice(db, row.id, { state: 'dead' }),
    retryAfter: (ms) => later(ms, false),
    wait: (ms) => later(ms, true),
  };
};

export const sheetOf = async (context: Context, train: string, cutoff: string): Promise<RunSheet | null> =>
  (await cutoffsOf(context.store.db, train)).find((c) => c.name === cutoff)?.sheet ?? null;

export interface Redrawing {
  readonly copy: CardCopy;
  drawn(ref: Readonly<Record<string, string>>): Promise<void>;
  retryAfter(ms: number): Promise<void>;
  /** Its turn comes then: nothing was tried. */
  wait(ms: number): Promise<void>;
}

/** A copy of the card that shows an older state, for this caller alone. */
export const nextRedrawing = async (context: Context, subject: string): Promise<Redrawing | undefined> => {
  const { db } = context.store;
  // Read before the card is drawn: what changes meanwhile is drawn again.
  const version = await cardVersion(db, subject);
  if (version === undefined) return undefined;
  await addCopies(db, subject, placesOf(context, subject));
  const copy = await claimCopy(db, subject, context.clock.now());
  if (copy === undefined) return undefined;
  const later = async (ms: number, untried: boolean): Promise<void> => {
    const retryAt = new Date(context.clock.now().getTime() + ms);
    await settleCopy(db, subject, copy.lane, { retryAt, untried });
    await context.bell.ring('refresh-card', { subject }, { at: retryAt });
  };
  return {
    copy,
    drawn: async (ref) => {
      await touchTrain(context, copy.destination.platform, subject);
      await settleCopy(db, subject, copy.lane, { drawn: version, ref });
    },
    retryAfter: (ms) => later(ms, false),
    wait: (ms) => later(ms, true),
  };
};

/** Living cards have a place in `releases`; those of pages in `oncall`, where there is one; details where threads are. */
const placesOf = (context: Context, subject: string): readonly Destination[] => {
  const policy = context.policy();
  const about = cardOfDetails(subject);
  if (about !== undefined)
    return channel(context, policy, 'releases').filter(({ platform }) => hasDetails(platform, about));
  const oncall = pageNumber(subject) === undefined ? [] : channel(context, policy, 'oncall');
  return oncall.length > 0 ? oncall : channel(context, policy, 'releases');
};
