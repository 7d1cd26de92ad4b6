import { pageName } from '../domain/page.ts';
import type { Send } from '../domain/send.ts';
import { TelephonyError } from '../integrations/integration.ts';
import { cardVersion, trackCopy } from '../store/cards.ts';
import { claimSend, hastenNext, hopeOf, settleSend } from '../store/page-sends.ts';
import { lockPage } from '../store/pages.ts';
import { type Context, clockActor } from './context.ts';
import { movePage, ringSends } from './move-page.ts';

/** What a sender has in hand; it must report what became of it. */
export interface PageDelivery {
  readonly send: Send;
  /** Names it, for platforms that can find what they may have posted. */
  readonly key: string;
  sent(ref: Readonly<Record<string, string>>): Promise<void>;
  /** It will be tried again; meanwhile the person's next way is taken. */
  retryAfter(ms: number, reason: string): Promise<void>;
  /** This way leads nowhere: the person's next one is taken, or else the next step. */
  failed(reason: string): Promise<void>;
}

/** Undefined when it is not due, somebody else has it, or the page has been answered. */
export const nextSend = async (context: Context, id: number): Promise<PageDelivery | undefined> => {
  const { db } = context.store;
  const send = await claimSend(db, id, context.clock.now());
  // Read before the card is drawn: what changes meanwhile is drawn again.
  const drawn = send && ((await cardVersion(db, pageName(send.page))) ?? 0);
  return (
    send && {
      send,
      key: `page-send/${id}`,
      sent: async (ref) => {
        await settleSend(db, id, { state: 'sent', ref, at: context.clock.now() });
        if (!('platform' in send.address)) return;
        // From now on the message is a copy of the page's card: an answer shows on it wherever it is given.
        await trackCopy(db, pageName(send.page), send.address, { drawn: drawn ?? 0, ref });
        await context.bell.ring('refresh-card', { subject: pageName(send.page) });
      },
      retryAfter: async (ms, reason) => {
        const dueAt = new Date(context.clock.now().getTime() + ms);
        await giveWay(context, send, (tx) => settleSend(tx, id, { state: 'waiting', dueAt, reason }));
        await context.bell.ring('send-page', { id }, { at: dueAt });
      },
      failed: (reason) => giveWay(context, send, (tx) => settleSend(tx, id, { state: 'failed', reason })),
    }
  );
};

const giveWay = (
  context: Context,
  send: Send,
  settle: (db: Context['store']['db']) => Promise<void>,
): Promise<void> => {
  const now = context.clock.now();
  return context.store.transaction({ actor: clockActor, at: now }, async (tx) => {
    const page = await lockPage(tx.db, send.page);
    await settle(tx.db);
    if (send.attempts === 1)
      tx.record({
        kind: 'page-undelivered',
        facts: { page: pageName(send.page), person: send.person, way: send.way },
      });
    if (page?.state !== 'open') return;
    // The first failure of a way calls for the next one; what is tried again after that goes on beside it.
    const next = send.attempts === 1 ? await hastenNext(tx.db, send, now) : undefined;
    if (next !== undefined) return ringSends(tx, context, [next]);
    if (page.level === send.level && !(await hopeOf(tx.db, page.id, page.level)))
      await movePage(tx, context, page);
  });
};

/** For the job, which knows no integration. */
export const asTelephonyError = (error: unknown): TelephonyError | undefined =>
  error instanceof TelephonyError ? error : undefined;

export { pageName };
