import { changeName } from '../domain/change.ts';
import type { Outcome } from '../domain/evidence.ts';
import { refuse, role } from '../domain/refusal.ts';
import { brokenBy } from '../domain/separation.ts';
import { loadCase } from '../store/cases.ts';
import { insertEvidence } from '../store/evidence.ts';
import type { Cause } from '../store/store.ts';
import { actAs } from './act-as.ts';
import type { Context } from './context.ts';
import { changeNamed, personNamed, requireBoarded } from './find.ts';
import { redraw } from './outgoing.ts';
import { judgeRecords } from './record-tickets.ts';
import { wake } from './wake.ts';

/** A person vouches for something: tested (`sign-off`), the records are in order, the date may be kept. */
export type Statement = {
  /** `CHG-17` */
  readonly change: string;
  readonly outcome: Outcome;
  readonly comment?: string;
} & (
  | { readonly kind: 'sign-off'; readonly role: string }
  | { readonly kind: 'records' }
  | { readonly kind: 'date-approved' }
);

export const stateEvidence = (context: Context, cause: Cause, statement: Statement): Promise<void> =>
  context.store.transaction(cause, async (tx) => {
    const policy = context.policy();
    const person = personNamed(policy, cause.actor).id;
    const change = requireBoarded(await changeNamed(tx, statement.change));
    const service = policy.services.get(change.service);
    const name = changeName(change.id);
    let as = person;
    if (statement.kind === 'sign-off') {
      as = await actAs(tx, policy, [statement.role], `sign-off:${statement.role}`);
      // Whoever asks for a change does not also vouch that it works, by a stand-in neither.
      if (person === change.requester || as === change.requester)
        refuse({ code: 'own-change', facts: { change: name } });
      const rule = brokenBy(person, 'tester', await loadCase(tx.db, change), policy);
      if (rule !== undefined && statement.outcome === 'pass')
        refuse({
          code: 'separated',
          facts: { change: name, rule },
          movers: [role(statement.role)],
        });
      if (change.artifact === null)
        refuse({ code: 'nothing-built', facts: { change: name, version: change.version } });
    } else if (statement.kind === 'date-approved') {
      as = await actAs(tx, policy, policy.releaseManagers, 'date-approved');
    } else if (person !== change.requester && !service?.owners.includes(person)) {
      as = await actAs(tx, policy, policy.releaseManagers, 'records');
    }
    await insertEvidence(tx.db, {
      kind: statement.kind,
      service: change.service,
      version: change.version,
      artifact: statement.kind === 'sign-off' ? change.artifact : null,
      change: statement.kind === 'sign-off' ? null : change.id,
      environment: null,
      platform: null,
      role: statement.kind === 'sign-off' ? statement.role : null,
      builder: null,
      train: statement.kind === 'date-approved' ? change.train : null,
      outcome: statement.outcome,
      person,
      source: 'chat',
      comment: statement.comment ?? null,
      url: null,
      details: null,
      observedAt: cause.at,
      receivedAt: cause.at,
    });
    tx.record({
      kind: 'evidence',
      train: change.train,
      change: name,
      service: change.service,
      outcome: statement.outcome,
      facts: {
        kind: statement.kind,
        person,
        ...(as === person ? {} : { onBehalfOf: as }),
        ...(statement.kind === 'sign-off' ? { role: statement.role, artifact: change.artifact } : {}),
      },
    });
    // A ticket that is not ready stays a no, and the card says so at once.
    if (statement.kind === 'records') await judgeRecords(tx, [change]);
    await redraw(tx, context, [name]);
    await wake(tx, context, [name]);
  });
