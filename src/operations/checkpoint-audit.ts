import { checkpointText } from '../domain/checkpoint.ts';
import { rootOf } from '../domain/merkle.ts';
import { addDays, localDateOf, resolveLocal } from '../domain/time.ts';
import { growFrontier, insertCheckpoint, lastFrontier } from '../store/checkpoints.ts';
import type { Tx } from '../store/store.ts';
import type { Context } from './context.ts';
import { arm, channel, tell } from './outgoing.ts';

/**
 * Signs what the record is now, writes that outside of the database and posts it to the channel `audit`: whoever edits,
 * cuts or rewrites the record afterwards, even all of it with a chain that fits, cannot make it fit this. Nothing when
 * nothing was added.
 */
export const checkpointAudit = async (tx: Tx, context: Context): Promise<void> => {
  const { notary } = context;
  if (notary === undefined) return;
  const last = await lastFrontier(tx.db);
  const { frontier, head } = await growFrontier(tx.db, last);
  if (head === undefined) return;
  const root = rootOf(frontier).toString('base64');
  const at = tx.cause.at.toISOString();
  const note = notary.sign(
    checkpointText({ origin: 'signalbox/audit', size: frontier.size, root, head, at }),
  );
  if (!(await insertCheckpoint(tx.db, frontier, note, tx.cause.at))) return;
  // Before the commit: one that is in the file only says no less.
  await notary.keep(note);
  const policy = context.policy();
  if (policy.channels.has('audit'))
    await tell(tx, context, [
      {
        to: channel(context, policy, 'audit'),
        notice: { kind: 'checkpoint', size: frontier.size, root, at },
      },
    ]);
};

/** At the next midnight of the policy's zone. */
export const armCheckpoint = async (tx: Tx, context: Context): Promise<void> => {
  if (context.notary === undefined) return;
  const { timezone } = context.policy();
  const day = addDays(localDateOf(tx.cause.at, timezone), 1);
  await arm(tx, context, { kind: 'checkpoint', day }, resolveLocal(`${day} 00:00`, timezone).at);
};

/** Its bell, once a day. */
export const dailyCheckpoint = async (tx: Tx, context: Context): Promise<void> => {
  await checkpointAudit(tx, context);
  await armCheckpoint(tx, context);
};
