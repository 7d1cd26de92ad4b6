import type { Deadline } from '../domain/deadline.ts';
import { deadlineKey } from '../domain/deadline.ts';
import { type Destination, laneOf, type Notice } from '../domain/notice.ts';
import type { PersonId, Policy } from '../domain/policy.ts';
import { touchCards } from '../store/cards.ts';
import { armDeadline, type DeadlineRow } from '../store/deadlines.ts';
import { insertNotices } from '../store/notices.ts';
import type { Tx } from '../store/store.ts';
import type { Context } from './context.ts';
import { detailsOf } from './thread.ts';

export interface Outgoing {
  readonly to: readonly Destination[];
  readonly notice: Notice;
}

/** A channel of the policy, on every platform that has it; on the console every channel exists. */
export const channel = (context: Context, policy: Policy, name: string): readonly Destination[] =>
  context.platforms.flatMap((platform): readonly Destination[] => {
    if (platform === 'console') return [{ platform, kind: 'channel', id: name }];
    const id = policy.channels.get(name)?.[platform];
    return id === undefined ? [] : [{ platform, kind: 'channel', id }];
  });

/** A person, on the first platform that knows them: nobody is told twice. */
export const direct = (context: Context, policy: Policy, id: PersonId): readonly Destination[] => {
  const person = policy.people.get(id);
  if (person === undefined) return [];
  for (const platform of context.platforms) {
    const address = platform === 'console' ? id : person[platform];
    if (address !== undefined) return [{ platform, kind: 'person', id: address }];
  }
  // By their address: Slack finds everybody, Teams those who have written.
  const platform = (['slack', 'teams'] as const).find((name) => context.platforms.includes(name));
  return platform !== undefined && person.email !== undefined
    ? [{ platform, kind: 'person', id: person.email.toLowerCase() }]
    : [];
};

/** Writes notices with the state they tell of, and rings for their delivery once both are committed. */
export const tell = async (tx: Tx, context: Context, outgoing: readonly Outgoing[]): Promise<void> => {
  const rows = outgoing.flatMap(({ to, notice }) => to.map((destination) => ({ to: destination, notice })));
  // In portions: a statement has at most 65,535 parameters.
  for (let start = 0; start < rows.length; start += 5_000)
    await insertNotices(tx.db, rows.slice(start, start + 5_000), tx.cause.at);
  for (const lane of new Set(rows.map(({ to }) => laneOf(to))))
    tx.afterCommit(() => context.bell.ring('deliver-notices', { lane }));
};

/**
 * These cards show something else now. One bell each; the last of the transaction's statements that locks cards. What
 * stands in their threads follows with the next sweep, so that it never delays a card.
 */
export const redraw = async (tx: Tx, context: Context, subjects: readonly string[]): Promise<void> => {
  tx.unawaited(touchCards(tx.db, [...subjects, ...detailsOf(context, subjects)]));
  for (const subject of new Set(subjects))
    tx.afterCommit(() => context.bell.ring('refresh-card', { subject }));
};

export const arm = async (
  tx: Tx,
  context: Context,
  deadline: Deadline,
  dueAt: Date,
): Promise<DeadlineRow | undefined> => {
  const row = await armDeadline(tx.db, deadlineKey(deadline, dueAt), deadline, dueAt);
  if (row) tx.afterCommit(() => context.bell.ring('ring-deadline', { id: row.id }, { at: row.dueAt }));
  return row;
};
