import { type Change, changeName } from '../domain/change.ts';
import type { Policy } from '../domain/policy.ts';
import type { Tx } from '../store/store.ts';
import type { Context } from './context.ts';
import { endIn, raiseIn } from './raise-page.ts';

/** The policy's escalation of this name pages those who sign emergencies; without it they are told by message only. */
const escalation = 'emergency';

/** Pages the seats of an emergency, by SMS and voice too where the policy says so, at any hour. */
export const pageSigners = async (
  tx: Tx,
  context: Context,
  policy: Policy,
  change: Change,
): Promise<void> => {
  if (!policy.oncall.escalations.has(escalation)) return;
  const name = changeName(change.id);
  await raiseIn(tx, context, 'signalbox', [
    {
      key: keyOf(change),
      recurs: false,
      severity: 'critical',
      summary: `Signatures wanted: ${name} ${change.service} ${change.version} is an emergency`,
      // A bundle of its own: it is not the service that is paged about.
      group: name,
      escalation,
      details: { Change: name, Service: change.service, Reason: change.note, Sign: `change approve ${name}` },
      startedAt: tx.cause.at,
    },
  ]);
};

/** Signed, refused or withdrawn: nobody is paged for it any more. Nothing when nobody was. */
export const endSignersPage = (
  tx: Tx,
  context: Context,
  change: Pick<Change, 'id' | 'type'>,
): Promise<void> =>
  change.type === 'emergency' ? endIn(tx, context, 'signalbox', [keyOf(change)]) : Promise.resolve();

const keyOf = ({ id }: Pick<Change, 'id'>): string => `${changeName(id)}/signatures`;
