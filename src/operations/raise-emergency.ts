import { rolesOf } from '../domain/case.ts';
import { type Change, changeName } from '../domain/change.ts';
import { teamOfService } from '../domain/exception.ts';
import { refuse } from '../domain/refusal.ts';
import { insertChange } from '../store/changes.ts';
import { insertException } from '../store/exceptions.ts';
import type { Cause } from '../store/store.ts';
import { armSignatures, askForSignatures, signersOf } from './ask-signatures.ts';
import type { Context } from './context.ts';
import { personNamed, serviceNamed } from './find.ts';
import { redraw } from './outgoing.ts';
import { pageSigners } from './page-signers.ts';
import { board, refuseRivals, type Submission, whatToShip } from './submit-change.ts';

export interface Emergency extends Pick<Submission, 'version' | 'artifact' | 'records'> {
  readonly service: string;
  readonly reason?: string;
}

/**
 * A change that waits for no train (L1, L11): it starts as soon as its few papers and its seats are there, at any hour.
 * Anybody may raise one, also with debts: it is the seats that decide. The train it is written down with is only where
 * it is shown.
 */
export const raiseEmergency = (context: Context, cause: Cause, emergency: Emergency): Promise<Change> =>
  context.store.transaction(cause, async (tx) => {
    const policy = context.policy();
    const requester = personNamed(policy, cause.actor).id;
    const { name: service } = serviceNamed(policy, emergency.service);
    const reason =
      emergency.reason ??
      refuse({
        code: 'reason-missing',
        facts: { what: 'emergency' },
        next: `change emergency ${service} --reason <why>`,
      });
    const { artifact, version } = await whatToShip(tx, policy, service, emergency);
    const train = await board(tx, context, policy);
    await refuseRivals(tx, service, version);
    const change = await insertChange(tx.db, {
      service,
      type: 'emergency',
      version,
      artifact,
      pinned: emergency.artifact !== undefined,
      train: train.id,
      requester,
      records: emergency.records,
      note: reason,
      submittedAt: cause.at,
    });
    if (!change) return refuse({ code: 'already-submitted', facts: { service, version } });
    const name = changeName(change.id);
    await insertException(tx.db, {
      kind: 'emergency',
      subject: name,
      train: train.id,
      service,
      team: teamOfService(policy, service),
      person: requester,
      reason,
      askedAt: cause.at,
    });
    tx.record({
      kind: 'emergency',
      train: train.id,
      change: name,
      service,
      facts: { person: requester, version, artifact, records: emergency.records, reason },
    });
    await askForSignatures(tx, context, policy, {
      why: 'emergency',
      change: name,
      service,
      train: train.id,
      reason,
      people: signersOf(
        rolesOf(serviceNamed(policy, service), policy),
        policy.approvals.get('emergency') ?? [],
        requester,
      ),
    });
    await pageSigners(tx, context, policy, change);
    await armSignatures(tx, context, change.id, 1);
    await redraw(tx, context, [name, train.id]);
    // Without a seat to fill it waits for nothing.
    tx.afterCommit(() => context.bell.ring('dispatch-deployments', { train: train.id }));
    return change;
  });
