import { type Page, pageName } from '../domain/page.ts';
import { callRepeats, type Send } from '../domain/send.ts';
import { DeliveryError } from '../integrations/integration.ts';
import { trackCopy } from '../store/cards.ts';
import {
  claimSend,
  failSend,
  findSend,
  hastenNext,
  hopeOf,
  insertSends,
  leaseOf,
  settleSend,
} from '../store/page-sends.ts';
import { lockPage, updatePage } from '../store/pages.ts';
import type { Cause, Tx } from '../store/store.ts';
import { type Context, clockActor } from './context.ts';
import { endArrivedDrill } from './drill.ts';
import { hasNextStep, movePage, ringSends, setOff } from './move-page.ts';

/** What a sender has in hand; it must report what became of it. */
export interface PageDelivery {
  readonly send: Send;
  /** Names it, for platforms that can find what they may have posted. */
  readonly key: string;
  sent(ref: Readonly<Record<string, string>>): Promise<void>;
  /** It takes long: the person's next way does not wait for how it ends. */
  slow(): Promise<void>;
  /** It will be tried again; meanwhile the person's next way is taken. */
  retryAfter(ms: number, reason: string): Promise<void>;
  /** This way leads nowhere: the person's next one is taken, or else the next step. */
  failed(reason: string): Promise<void>;
}

/** Undefined when it is not due, somebody else has it, as much as may has left, or the page has been answered. */
export const nextSend = async (context: Context, id: number): Promise<PageDelivery | undefined> => {
  const { db } = context.store;
  const claimed = await claimSend(db, id, context.clock.now(), context.policy().oncall.limits);
  if (claimed === undefined) return awaitOther(context, id);
  if (claimed.kind === 'limited') {
    context.log.warn(
      { send: id, way: claimed.send.way },
      'as much as may has left for this telephone: it waits',
    );
    await context.bell.ring('send-page', { id }, { at: claimed.dueAt });
    return undefined;
  }
  const { send, drawn } = claimed;
  let hastened = false;
  const giveWay = (settle?: (tx: Tx) => Promise<void>): Promise<void> =>
    context.store.transaction({ actor: clockActor, at: context.clock.now() }, async (tx) => {
      // The page first, as everybody does.
      const page = await lockPage(tx.db, send.page);
      await settle?.(tx);
      if (page === undefined || send.kind !== 'page') return;
      if (settle !== undefined && send.attempts === 1) tx.record(undelivered(send));
      // The first failure of a way calls for the next one; what is tried again after that goes on beside it.
      await takeNext(tx, context, page, send, send.attempts === 1 && !hastened);
    });
  return {
    send,
    key: `page-send/${id}`,
    sent: async (ref) => {
      await settleSend(db, id, { state: 'sent', ref, at: context.clock.now() });
      await endArrivedDrill(context, send.page);
      if (send.way === 'voice' && send.kind === 'page') await armRepeat(context, send);
      if (!('platform' in send.address)) return;
      // From now on the message is a copy of the page's card: an answer shows on it wherever it is given.
      await trackCopy(db, pageName(send.page), send.address, { drawn, ref });
      await context.bell.ring('refresh-card', { subject: pageName(send.page) });
    },
    slow: async () => {
      await giveWay();
      hastened = true;
    },
    retryAfter: async (ms, reason) => {
      const dueAt = new Date(context.clock.now().getTime() + ms);
      await giveWay((tx) => settleSend(tx.db, id, { state: 'waiting', dueAt, reason }));
      await context.bell.ring('send-page', { id }, { at: dueAt });
    },
    failed: (reason) => giveWay((tx) => settleSend(tx.db, id, { state: 'failed', reason })),
  };
};

/** A sender that has died is followed as soon as its time is up, not when the sweep finds it. */
const awaitOther = async (context: Context, id: number): Promise<undefined> => {
  const ms = await leaseOf(context.store.db, id);
  if (ms !== undefined)
    await context.bell.ring('send-page', { id }, { at: new Date(context.clock.now().getTime() + ms + 50) });
};

const undelivered = ({ page, person, way }: Send) => ({
  kind: 'page-undelivered' as const,
  facts: { page: pageName(page), person, way },
});

/** The person's next way now, if it is wanted; without hope left in this step, the next step. */
const takeNext = async (tx: Tx, context: Context, page: Page, send: Send, wanted: boolean): Promise<void> => {
  if (page.state !== 'open') return;
  if (page.kind === 'drill') return giveUpDrill(tx, context, page);
  const next = wanted ? await hastenNext(tx.db, send, context.clock.now()) : undefined;
  if (next !== undefined) return ringSends(tx, context, [next]);
  if (page.level !== send.level || (await hopeOf(tx.db, page.id, page.level))) return;
  // Where every way to everybody is dead, beginning again at once would never end.
  if (hasNextStep(context.policy(), page)) await movePage(tx, context, page);
};

/** Another way would prove nothing of the one that has failed: without hope its time is over. */
const giveUpDrill = async (tx: Tx, context: Context, page: Page): Promise<void> => {
  if (await hopeOf(tx.db, page.id, page.level)) return;
  await setOff(tx, context, await updatePage(tx.db, page.id, { dueAt: context.clock.now() }));
};

/** A call that is not answered by a key comes again, unless the page has gone on meanwhile. */
const armRepeat = (context: Context, { page: id, level, kind, person, way, address, nth }: Send) =>
  context.store.transaction({ actor: clockActor, at: context.clock.now() }, async (tx) => {
    const page = await lockPage(tx.db, id);
    if (nth >= callRepeats.most || page?.state !== 'open' || page.level !== level) return;
    const armedAt = context.clock.now();
    const dueAt = new Date(armedAt.getTime() + callRepeats.after);
    const repeat = { page: id, level, kind, person, way, address, dueAt, armedAt, nth: nth + 1 };
    ringSends(tx, context, await insertSends(tx.db, [repeat]));
  });

/**
 * What a provider tells of what it had accepted. `lost`: it never arrived, and is as good as not sent. `unanswered`: the
 * telephone rang in vain. Either calls for the person's next way at once; told again, nothing happens.
 */
export const noteOutcome = (
  context: Context,
  cause: Cause,
  {
    send: id,
    outcome,
    reason,
  }: { readonly send: number; readonly outcome: 'lost' | 'unanswered'; readonly reason: string },
): Promise<void> =>
  context.store.transaction(cause, async (tx) => {
    const send = await findSend(tx.db, id);
    const page = send && (await lockPage(tx.db, send.page));
    if (send === undefined || page === undefined) return;
    if (outcome === 'lost' && !(await failSend(tx.db, id, reason))) return;
    if (send.kind !== 'page') return;
    tx.record(undelivered(send));
    await takeNext(tx, context, page, send, true);
  });

/** For the job, which knows no integration. */
export const asDeliveryError = (error: unknown): DeliveryError | undefined =>
  error instanceof DeliveryError ? error : undefined;

export { pageName };
