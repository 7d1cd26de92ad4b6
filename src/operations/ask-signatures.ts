import { standingOf, whoCanFill } from '../domain/approval.ts';
import { approvalCase, rulesFor } from '../domain/case.ts';
import { changeName } from '../domain/change.ts';
import type { PersonId, Policy, RoleName, SeatRule } from '../domain/policy.ts';
import { minute } from '../domain/time.ts';
import { trainById } from '../domain/train.ts';
import { loadCase } from '../store/cases.ts';
import { lockChange } from '../store/changes.ts';
import { standInsAt } from '../store/roster.ts';
import type { Tx } from '../store/store.ts';
import type { Context } from './context.ts';
import { arm, direct, tell } from './outgoing.ts';
import { endSignersPage } from './page-signers.ts';

/** Between two calls for the same signature of an emergency, day and night. */
const everyMs = 10 * minute;

/** Who could sign, and as what. */
export type Signers = ReadonlyMap<PersonId, readonly RoleName[]>;

export const signersOf = (
  roles: ReadonlyMap<RoleName, readonly PersonId[]>,
  seats: readonly SeatRule[],
  requester: PersonId,
): Signers => {
  const signers = new Map<PersonId, readonly RoleName[]>();
  for (const name of new Set(seats.map(({ role }) => role)))
    for (const member of roles.get(name) ?? [])
      if (member !== requester) signers.set(member, [...(signers.get(member) ?? []), name]);
  return signers;
};

/** Each hears of it by name: an exception does not wait until somebody reads a channel. */
export const askForSignatures = (
  tx: Tx,
  context: Context,
  policy: Policy,
  wanted: {
    readonly why: 'late' | 'emergency';
    readonly change: string;
    readonly service: string;
    readonly train: string;
    readonly reason: string;
    readonly people: Signers;
    readonly by?: PersonId;
  },
): Promise<void> => {
  const { people, by = tx.cause.actor, ...said } = wanted;
  return tell(
    tx,
    context,
    [...people]
      .filter(([person]) => person !== tx.cause.actor)
      .map(([person, roles]) => ({
        to: direct(context, policy, person),
        notice: { kind: 'signature-wanted', ...said, by, person, roles },
      })),
  );
};

export const armSignatures = async (
  tx: Tx,
  context: Context,
  change: number,
  round: number,
): Promise<void> => {
  const at = new Date(tx.cause.at.getTime() + everyMs);
  await arm(tx, context, { kind: 'signatures', change, round }, at);
};

/** Its bell: calls again for the seats of an emergency that are empty, until all are signed or somebody said no. */
export const callForSignatures = async (
  tx: Tx,
  context: Context,
  id: number,
  round: number,
): Promise<void> => {
  const change = await lockChange(tx.db, id);
  if (change === undefined || change.type !== 'emergency') return;
  if (change.state !== 'boarded') return endSignersPage(tx, context, change);
  const policy = context.policy();
  const rules = rulesFor(change, policy);
  const train = trainById(policy, change.train);
  if (!rules || !train) return;
  const standIns = await standInsAt(tx.db, tx.cause.at);
  const approvals = approvalCase(await loadCase(tx.db, change), rules, train, policy, standIns);
  const { missing, rejections, vetoes } = standingOf(approvals);
  if (missing.length === 0 || rejections.length + vetoes.length > 0)
    return endSignersPage(tx, context, change);
  const people = new Map<PersonId, readonly RoleName[]>();
  for (const role of new Set(missing))
    for (const person of whoCanFill(approvals, role))
      people.set(person, [...(people.get(person) ?? []), role]);
  const name = changeName(id);
  tx.record({
    kind: 'signatures-called',
    train: train.id,
    change: name,
    service: change.service,
    facts: { round, missing, people: [...people.keys()] },
  });
  await askForSignatures(tx, context, policy, {
    why: 'emergency',
    change: name,
    service: change.service,
    train: train.id,
    reason: change.note,
    people,
    by: change.requester,
  });
  await armSignatures(tx, context, id, round + 1);
};
