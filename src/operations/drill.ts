import { type Page, pageName } from '../domain/page.ts';
import { clockText } from '../domain/rotation.ts';
import { addDays, type LocalDate, localDateOf, resolveLocal, weekdayOf } from '../domain/time.ts';
import { insertHelpers } from '../store/page-helpers.ts';
import { toldOf } from '../store/page-sends.ts';
import { findPage, insertPage, livePages, lockPage } from '../store/pages.ts';
import type { Tx } from '../store/store.ts';
import { resolveLocked } from './answer-page.ts';
import { type Context, clockActor } from './context.ts';
import { movePage } from './move-page.ts';
import { arm } from './outgoing.ts';
import { raiseIn } from './raise-page.ts';
import { reachAt } from './reach.ts';

const source = 'drill';

/** The next one after now, by the policy in force; nothing when it asks for none. */
export const armDrill = async (tx: Tx, context: Context): Promise<void> => {
  const { timezone, oncall } = context.policy();
  const { drill } = oncall;
  if (drill === undefined) return;
  const today = localDateOf(tx.cause.at, timezone);
  for (let ahead = 0; ahead <= 8; ahead += 1) {
    const day = addDays(today, ahead);
    const { at } = resolveLocal(`${day} ${clockText(drill.at)}`, timezone);
    const isDay = drill.on.length === 0 || drill.on.some((weekday) => weekday === weekdayOf(day));
    if (!isDay || at <= tx.cause.at) continue;
    await arm(tx, context, { kind: 'drill', day }, at);
    return;
  }
};

/** Its bell: pages whoever is meant, as any page would, and arms the next one. */
export const holdDrill = async (tx: Tx, context: Context, day: LocalDate): Promise<void> => {
  await armDrill(tx, context);
  const policy = context.policy();
  const { drill } = policy.oncall;
  if (drill === undefined) return;
  const now = context.clock.now();
  const reach = await reachAt(tx.db, context, policy, now);
  const people = [...new Set(drill.targets.flatMap((target) => reach(target)))];
  if (people.length === 0) return alarm(tx, context, day, 'it reaches nobody');
  const page = await insertPage(tx.db, {
    kind: 'drill',
    state: 'open',
    severity: 'info',
    summary:
      drill.answer === 'person'
        ? 'A drill: nothing is wrong. Please acknowledge it'
        : 'A drill: nothing is wrong, and there is nothing to do',
    service: null,
    escalation: null,
    bundle: `${source}/${day}`,
    subject: source,
    raisedBy: tx.cause.actor,
    raisedAt: now,
    dueAt: now,
  });
  await insertHelpers(tx.db, page.id, people, clockActor, now);
  tx.record({ kind: 'drill', outcome: 'held', facts: { page: pageName(page.id), people } });
  await movePage(tx, context, page);
};

/** One of its messages was taken: when that is enough, and all were, it has ended well. */
export const endArrivedDrill = async (context: Context, id: number): Promise<void> => {
  if (context.policy().oncall.drill?.answer !== 'arrival') return;
  if ((await findPage(context.store.db, id))?.kind !== 'drill') return;
  await context.store.transaction({ actor: clockActor, at: context.clock.now() }, async (tx) => {
    const page = await lockPage(tx.db, id);
    if (page?.state !== 'open') return;
    const told = await toldOf(tx.db, id);
    if (told.length === 0 || told.some(({ state }) => state !== 'sent')) return;
    tx.record({ kind: 'drill', outcome: 'arrived', facts: { page: pageName(id) } });
    await resolveLocked(tx, context, page);
  });
};

/** Its time is over, or no way is left: the pager does not work, and whoever can still be reached has to know. */
export const failDrill = async (tx: Tx, context: Context, page: Page): Promise<void> => {
  const told = await toldOf(tx.db, page.id);
  const failed = [
    ...new Set(told.filter(({ state }) => state !== 'sent').map(({ person, way }) => `${person} by ${way}`)),
  ];
  tx.record({ kind: 'drill', outcome: 'missed', facts: { page: pageName(page.id), failed } });
  await resolveLocked(tx, context, page);
  await alarm(
    tx,
    context,
    pageName(page.id),
    told.length === 0
      ? 'there was no way to send it'
      : failed.length === 0
        ? 'nobody has answered it'
        : `it has not reached ${failed.join(', ')}`,
  );
};

const alarm = async (tx: Tx, context: Context, key: string, why: string): Promise<void> => {
  await raiseIn(tx, context, source, [
    {
      key,
      recurs: false,
      severity: 'critical',
      summary: `The drill failed: ${why}`,
      group: source,
      subject: source,
      details: { Drill: key },
      startedAt: context.clock.now(),
    },
  ]);
};

/** Whether a drill has failed and nobody has looked after it. */
export const hasFailedDrill = async ({ store }: Context): Promise<boolean> =>
  (await livePages(store.db, { subject: source })).some(({ kind }) => kind === 'page');
