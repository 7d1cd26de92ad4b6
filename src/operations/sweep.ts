import { deploymentName } from '../domain/change.ts';
import { isAtWork } from '../domain/deployment.ts';
import { pageName } from '../domain/page.ts';
import { minute } from '../domain/time.ts';
import { staleCards } from '../store/cards.ts';
import { openDeadlines } from '../store/deadlines.ts';
import { liveDeployments } from '../store/deployments.ts';
import { lanesDue } from '../store/notices.ts';
import { mendTimers, sendsDue } from '../store/page-sends.ts';
import { livePages } from '../store/pages.ts';
import { openTrains } from '../store/trains.ts';
import type { Context } from './context.ts';
import { missHeartbeats } from './heartbeats.ts';

/** Bells are rung this far ahead, so that a queue that lost everything is armed again long before it matters. */
const horizonMs = 2 * 60 * 60 * 1_000;

/**
 * Rings again for everything that the database says is due or coming: losing the whole queue costs a minute, never a
 * cutoff. A bell that still hangs is the same bell; a deployment is taken over only from an instance that is gone.
 */
export const sweep = async (context: Context): Promise<void> => {
  const now = context.clock.now();
  const { db } = context.store;
  // Overdue: its own bell may hang in the future still, after a clock has jumped.
  for (const row of await openDeadlines(db, new Date(now.getTime() + horizonMs)))
    await context.bell.ring(
      'ring-deadline',
      { id: row.id },
      row.dueAt <= now ? { key: 'overdue' } : { at: row.dueAt },
    );
  const mended = await mendTimers(db, now);
  if (mended > 0)
    context.log.warn({ timers: mended }, 'the clock has been set back: pages do not wait for it');
  const ahead = new Date(now.getTime() + horizonMs);
  for (const { id, dueAt } of await livePages(db, { dueBefore: ahead })) {
    if (dueAt === null) continue;
    // L10, seen from outside: a timer that passed and moved nothing.
    if (now.getTime() - dueAt.getTime() > minute)
      context.log.error({ page: pageName(id) }, 'a page is overdue');
    await context.bell.ring('ring-page', { id }, dueAt <= now ? { key: 'overdue' } : { at: dueAt });
  }
  await missHeartbeats(context);
  for (const { id, dueAt } of await sendsDue(db, ahead))
    await context.bell.ring('send-page', { id }, dueAt <= now ? { key: 'overdue' } : { at: dueAt });
  for (const lane of await lanesDue(db, now)) await context.bell.ring('deliver-notices', { lane });
  for (const subject of await staleCards(db, now)) await context.bell.ring('refresh-card', { subject });
  const live = await liveDeployments(db);
  // What is kept between two phases may outlive its train.
  const kept = live.flatMap(({ state, train }) => (state === 'baked' ? [train] : []));
  const open = (await openTrains(db)).map(({ id }) => id);
  for (const train of new Set([...open, ...kept])) await context.bell.ring('dispatch-deployments', { train });
  for (const deployment of live) {
    if (!isAtWork(deployment.state)) continue;
    if (deployment.runner !== null && (await context.presence.isAlive(deployment.runner))) continue;
    context.log.warn(
      { deployment: deploymentName(deployment.id), runner: deployment.runner },
      'its runner is gone: taken over',
    );
    // Another bell than the one that died with its worker: that one may be locked for a while.
    await context.bell.ring('run-deployment', { id: deployment.id }, { key: `after-${deployment.fence}` });
  }
};
