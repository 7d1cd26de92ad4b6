import { loosenings, seatsFor } from '../domain/loosening.ts';
import type { Policy } from '../domain/policy.ts';
import { type PolicyVersion, policyName } from '../domain/policy-version.ts';
import { refuse } from '../domain/refusal.ts';
import { comparePolicies } from '../policy/compare.ts';
import { formatFault } from '../policy/fault.ts';
import { type LoadedPolicy, loadPolicy } from '../policy/load.ts';
import {
  activeDigest,
  activePolicy,
  findVersion,
  insertVersion,
  lockPolicies,
  settleVersion,
  waitingVersions,
} from '../store/policies.ts';
import type { Cause, Tx } from '../store/store.ts';
import { armTimetable } from './arm-timetable.ts';
import { type Context, clockActor } from './context.ts';
import { direct, redraw, tell } from './outgoing.ts';

/**
 * The file says this. What asks for no less than the policy in force is in force now; what loosens a rule of approval
 * waits for the seats of that rule, and until then the policy in force stays: also over a restart. Returns that one.
 */
export const adoptPolicy = async (
  context: Context,
  loaded: LoadedPolicy,
  file: string,
): Promise<{ readonly inForce: LoadedPolicy; readonly waits?: string }> => {
  const { now } = context.clock;
  const outcome = await context.store.transaction({ actor: clockActor, at: now() }, async (tx) => {
    await lockPolicies(tx.db);
    const active = await activePolicy(tx.db);
    const before = active && (active.digest === loaded.digest ? loaded : read(active, now()));
    if (active === undefined || before === undefined || before === loaded) {
      if (before === undefined) await putInForce(tx, loaded, active);
      tx.record({ kind: 'policy-loaded', facts: { digest: loaded.digest, file } });
      return { inForce: loaded };
    }
    const known = await findVersion(tx.db, { open: loaded.digest });
    const asksLess = loosenings(before.policy, loaded.policy);
    if (asksLess.length === 0 || (known?.state === 'signed' && known.base === active.id)) {
      await putInForce(tx, loaded, active, known);
      tx.record({ kind: 'policy-loaded', facts: { digest: loaded.digest, file } });
      return { inForce: loaded };
    }
    const proposal = await propose(tx, context, { active, before, loaded, source: 'file' });
    return { inForce: before, waits: policyName(proposal.id) };
  });
  await armTimetable({ ...context, policy: () => outcome.inForce.policy });
  return outcome;
};

/** Before it is merged: signed in time, it is in force as soon as the file says it. Refuses `policy-faulty`. */
export const proposePolicy = (
  context: Context,
  cause: Cause,
  proposal: { readonly text: string; readonly author?: string; readonly url?: string },
): Promise<void> =>
  context.store.transaction(cause, async (tx) => {
    const loaded = loadPolicy(proposal.text, 'policy', cause.at);
    if (!loaded.ok)
      return refuse({
        code: 'policy-faulty',
        facts: { faults: loaded.faults.slice(0, 20).map(formatFault) },
      });
    await lockPolicies(tx.db);
    const active = await activePolicy(tx.db);
    const before = active && read(active, cause.at);
    if (active === undefined || before === undefined || active.digest === loaded.digest) return;
    if (loosenings(before.policy, loaded.policy).length === 0) return;
    await propose(tx, context, { active, before, loaded, source: 'hook', ...proposal });
  });

/** Undefined when nothing was signed elsewhere: what is in force is what was. */
export const followPolicy = async (context: Context, digest: string): Promise<LoadedPolicy | undefined> => {
  const { db } = context.store;
  if ((await activeDigest(db)) === digest) return undefined;
  const active = await activePolicy(db);
  return active && active.digest !== digest ? read(active, context.clock.now()) : undefined;
};

interface Proposal {
  readonly active: PolicyVersion;
  readonly before: LoadedPolicy;
  readonly loaded: LoadedPolicy;
  readonly source: PolicyVersion['source'];
  readonly author?: string;
  readonly url?: string;
}

/** The same text twice is one proposal, as long as what it is compared with is in force. */
const propose = async (tx: Tx, context: Context, proposal: Proposal): Promise<PolicyVersion> => {
  const { active, before, loaded, source, url } = proposal;
  const known = await findVersion(tx.db, { open: loaded.digest });
  if (known !== undefined && known.base === active.id) return known;
  const past = source === 'file' ? (await waitingVersions(tx.db)).filter((one) => one.source === 'file') : [];
  for (const { id } of known === undefined ? past : [known, ...past]) await settleVersion(tx.db, id, 'past');
  const asksLess = loosenings(before.policy, loaded.policy);
  const version = await insertVersion(tx.db, {
    digest: loaded.digest,
    text: loaded.text,
    source,
    author: authorOf(proposal.author, before.policy),
    url: url ?? null,
    base: active.id,
    loosened: asksLess,
    differences: comparePolicies(active.text, loaded.text),
    state: 'waiting',
    at: tx.cause.at,
  });
  const name = policyName(version.id);
  tx.record({
    kind: 'policy-proposed',
    facts: { policy: name, digest: loaded.digest, source, rules: asksLess.map(({ rule }) => rule) },
  });
  const signers = new Set(seatsFor(asksLess).flatMap(({ role }) => before.policy.roles.get(role) ?? []));
  await tell(
    tx,
    context,
    [...signers]
      .filter((person) => person !== version.author)
      .map((person) => ({
        to: direct(context, before.policy, person),
        notice: { kind: 'policy-waits', policy: name, rules: asksLess.map(({ rule }) => rule), person },
      })),
  );
  await redraw(tx, context, [name, ...past.map(({ id }) => policyName(id))]);
  return version;
};

const putInForce = async (
  tx: Tx,
  loaded: LoadedPolicy,
  active: PolicyVersion | undefined,
  known?: PolicyVersion,
): Promise<void> => {
  const version =
    known ??
    (await insertVersion(tx.db, {
      digest: loaded.digest,
      text: loaded.text,
      source: 'file',
      author: null,
      url: null,
      base: active?.id ?? null,
      loosened: [],
      differences: [],
      state: 'past',
      at: tx.cause.at,
    }));
  await settleVersion(tx.db, version.id, 'active');
};

/** Undefined when this version of Signalbox cannot read it any more: there is nothing to hold the new one to. */
const read = ({ text }: PolicyVersion, now: Date): LoadedPolicy | undefined => {
  const loaded = loadPolicy(text, 'policy', now);
  return loaded.ok ? loaded : undefined;
};

const authorOf = (author: string | undefined, { people }: Policy): string | null => {
  if (author === undefined) return null;
  const address = author.toLowerCase();
  return (
    [...people.values()].find(({ id, email }) => id === author || email?.toLowerCase() === address)?.id ??
    null
  );
};
