import { type Incident, incidentName } from '../domain/incident.ts';
import { type Observed, type ObservedChange, observedName, observedNumber } from '../domain/observation.ts';
import type { PersonId, Policy } from '../domain/policy.ts';
import { person, refuse, role } from '../domain/refusal.ts';
import {
  findObservedChange,
  lockObserved,
  lockObservedChange,
  recentObservedChanges,
  saveObserved,
  updateObservedChange,
} from '../store/observations.ts';
import type { Cause, Tx } from '../store/store.ts';
import type { Context } from './context.ts';
import { type Declaration, declareIn, fixIn } from './declare-incident.ts';
import { personNamed } from './find.ts';

export interface Answer {
  /** `OBS-3` */
  readonly observed: string;
  /** Absent: what was seen says it. */
  readonly what?: string;
  readonly severity?: string;
  readonly who?: string;
}

/** Somebody did it: it is a fix like any other from now on, with what is owed for it (L11). */
export const claimUnrecorded = (context: Context, cause: Cause, answer: Answer): Promise<Incident> =>
  answering(context, cause, answer, 'claimed', async (tx, policy, { change, known }, declaration) => {
    // What was claimed is in order, if it comes back as well.
    if (known !== undefined)
      await saveObserved(tx.db, { ...known, accepted: change.value, acceptedAt: cause.at });
    return fixIn(tx, context, policy, declaration);
  });

/** Nobody did it, as far as those know who should: that is an incident. */
export const denyUnrecorded = (context: Context, cause: Cause, answer: Answer): Promise<Incident> =>
  answering(context, cause, answer, 'denied', (tx, policy, _subject, declaration) =>
    declareIn(tx, context, policy, declaration),
  );

interface Subject {
  readonly change: ObservedChange;
  readonly known: Observed | undefined;
}

const answering = (
  context: Context,
  cause: Cause,
  { observed, what, ...said }: Answer,
  state: 'claimed' | 'denied',
  act: (tx: Tx, policy: Policy, subject: Subject, declaration: Declaration) => Promise<Incident>,
): Promise<Incident> =>
  context.store.transaction(cause, async (tx) => {
    const policy = context.policy();
    personNamed(policy, cause.actor);
    const id = observedNumber(observed);
    const seen = id === undefined ? undefined : await findObservedChange(tx.db, id);
    if (seen === undefined) return refuse({ code: 'unknown-observed', facts: { observed } });
    // The place first, as readings do: who claims and who reads never wait for each other.
    const known = await lockObserved(tx.db, seen);
    const change = (await lockObservedChange(tx.db, seen.id)) ?? seen;
    requirePart(policy, change, cause.actor);
    const name = observedName(change.id);
    if (change.state === 'claimed') refuse({ code: 'claimed-already', facts: factsOf(change) });
    if (change.state === 'denied') refuse({ code: 'denied-already', facts: factsOf(change) });
    const incident = await act(
      tx,
      policy,
      { change, known },
      {
        ...said,
        service: change.service,
        what: what ?? described(change),
        began: change.since,
      },
    );
    await updateObservedChange(tx.db, change.id, {
      state,
      by: cause.actor,
      at: cause.at,
      incident: incident.id,
    });
    tx.record({
      kind: state,
      service: change.service,
      facts: { observed: name, person: cause.actor, incident: incidentName(incident.id) },
    });
    return incident;
  });

const factsOf = ({ id, answeredBy, answeredAt, incident }: ObservedChange) => ({
  observed: observedName(id),
  by: answeredBy ?? '',
  at: answeredAt?.toISOString() ?? '',
  incident: incident === null ? '' : incidentName(incident),
});

/** Owners of the service, operations, and those who manage the release. */
const requirePart = (policy: Policy, { id, service }: ObservedChange, actor: PersonId): void => {
  const owners = policy.services.get(service)?.owners ?? [];
  const roles = ['operations', ...policy.releaseManagers];
  if (owners.includes(actor) || roles.some((name) => policy.roles.get(name)?.includes(actor))) return;
  refuse({
    code: 'not-your-service',
    facts: { observed: observedName(id), service },
    movers: [...owners.map(person), ...roles.map(role)],
  });
};

const described = ({ environment, aspect, value, was }: ObservedChange): string =>
  `${aspect === 'artifact' ? 'runs' : 'is configured as'} ${value} in ${environment}${
    was === null ? '' : ` instead of ${was}`
  }, without a deployment`;

export const describeUnrecorded = async (context: Context, name: string): Promise<ObservedChange> => {
  const id = observedNumber(name);
  const change = id === undefined ? undefined : await findObservedChange(context.store.db, id);
  return change ?? refuse({ code: 'unknown-observed', facts: { observed: name } });
};

export const listUnrecorded = (context: Context): Promise<readonly ObservedChange[]> =>
  recentObservedChanges(context.store.db);
