import type { HeartbeatRule } from '../domain/oncall.ts';
import { refuse } from '../domain/refusal.ts';
import { closest } from '../domain/spelling.ts';
import { formatDuration } from '../domain/time.ts';
import { keepHeartbeats, markMissed, overdueHeartbeats, saveCall } from '../store/heartbeats.ts';
import type { Cause, Tx } from '../store/store.ts';
import { type Context, clockActor } from './context.ts';
import { endIn, raiseIn } from './raise-page.ts';

const source = 'heartbeat';

const dueAfter = ({ every, grace }: HeartbeatRule, at: Date): Date => new Date(at.getTime() + every + grace);

/** When the policy is loaded: a job is waited for from then on. */
export const armHeartbeats = async (tx: Tx, context: Context): Promise<void> => {
  const rules = [...context.policy().oncall.heartbeats.values()];
  const gone = await keepHeartbeats(
    tx.db,
    rules.map((rule) => ({ name: rule.name, dueAt: dueAfter(rule, tx.cause.at) })),
  );
  await endIn(tx, context, source, gone);
};

/** A job has called: whatever its silence had raised is over. Refuses `unknown-heartbeat`. */
export const receiveHeartbeat = (context: Context, cause: Cause, name: string): Promise<void> =>
  context.store.transaction(cause, async (tx) => {
    const known = context.policy().oncall.heartbeats;
    const meant = closest(name, known.keys());
    const rule =
      known.get(name) ??
      refuse({
        code: 'unknown-heartbeat',
        facts: { heartbeat: name, ...(meant === undefined ? {} : { meant }) },
      });
    await saveCall(tx.db, { name, at: cause.at, dueAt: dueAfter(rule, cause.at) });
    await endIn(tx, context, source, [name]);
  });

/** Whoever should have called and did not raises a page; looked at with every sweep. */
export const missHeartbeats = async (context: Context): Promise<void> => {
  const now = context.clock.now();
  for (const name of await overdueHeartbeats(context.store.db, now)) {
    const rule = context.policy().oncall.heartbeats.get(name);
    if (rule === undefined) continue;
    await context.store.transaction({ actor: clockActor, at: now }, async (tx) => {
      const missed = await markMissed(tx.db, { name, at: now, dueAt: dueAfter(rule, now) });
      if (missed === undefined) return;
      tx.record({ kind: 'heartbeat-missed', facts: { heartbeat: name } });
      await raiseIn(tx, context, source, [
        {
          key: name,
          recurs: true,
          severity: rule.severity,
          summary: `${name} has not called, and does so every ${formatDuration(rule.every)}`,
          ...(rule.service === undefined ? {} : { service: rule.service }),
          group: name,
          details: { 'Last call': missed.calledAt?.toISOString() ?? 'never' },
          startedAt: now,
        },
      ]);
    });
  }
};
