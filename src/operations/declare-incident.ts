import { teamOfService } from '../domain/exception.ts';
import {
  type Analysis,
  actionsIn,
  type Incident,
  incidentName,
  incidentNumber,
  type Severity,
  severities,
} from '../domain/incident.ts';
import { dayNamed, endOfWork, obligationName } from '../domain/obligation.ts';
import type { Policy } from '../domain/policy.ts';
import { person, refuse, role } from '../domain/refusal.ts';
import { closest } from '../domain/spelling.ts';
import { localDateOf } from '../domain/time.ts';
import { trainToBoard } from '../domain/train.ts';
import { endExceptions, insertException } from '../store/exceptions.ts';
import { insertIncident, insertNote, lockIncident, updateIncident } from '../store/incidents.ts';
import { openObligations, settleObligation } from '../store/obligations.ts';
import type { Cause, Tx } from '../store/store.ts';
import { endChase } from './chase-debt.ts';
import type { Context } from './context.ts';
import { personNamed, serviceNamed } from './find.ts';
import { channel, direct, redraw, tell } from './outgoing.ts';
import { owe } from './owe.ts';

export interface Declaration {
  readonly service: string;
  readonly what?: string;
  readonly severity?: string;
  /** Who did it, or who leads; absent: whoever says so. */
  readonly who?: string;
  /** Absent: when it is said. */
  readonly began?: Date;
}

/** Something is wrong: people are told at once, and a timeline begins. */
export const declareIncident = (
  context: Context,
  cause: Cause,
  declaration: Declaration,
): Promise<Incident> =>
  context.store.transaction(cause, (tx) => declareIn(tx, context, context.policy(), declaration));

export const declareIn = async (
  tx: Tx,
  context: Context,
  policy: Policy,
  declaration: Declaration,
): Promise<Incident> => {
  const incident = await begin(tx, policy, 'incident', declaration, null);
  const told = policy.services.get(incident.service)?.owners ?? [];
  await announce(tx, context, policy, incident, 'declared', [...told, incident.lead]);
  await redraw(tx, context, [incidentName(incident.id)]);
  return incident;
};

/**
 * Done first, because it needed no deployment: what, where, who, how bad. It is written down in one line and paid for
 * later (L11): its record, the same change in configuration management, and after an outage the analysis.
 */
export const recordFix = (context: Context, cause: Cause, declaration: Declaration): Promise<Incident> =>
  context.store.transaction(cause, (tx) => fixIn(tx, context, context.policy(), declaration));

export const fixIn = async (
  tx: Tx,
  context: Context,
  policy: Policy,
  declaration: Declaration,
): Promise<Incident> => {
  const { at } = tx.cause;
  const fix = await begin(tx, policy, 'fix', declaration, at);
  const subject = incidentName(fix.id);
  const { service, lead: owner } = fix;
  await insertException(tx.db, {
    kind: 'fix-first',
    subject,
    train: trainToBoard(policy, at)?.id ?? '',
    service,
    team: teamOfService(policy, service),
    person: owner,
    reason: fix.what,
    askedAt: at,
  });
  await endExceptions(tx.db, [subject], 'used', at);
  await owe(tx, context, policy, { kind: 'record', subject, service, owner });
  await owe(tx, context, policy, { kind: 'propagation', subject, service, owner });
  if (fix.severity === 'outage')
    await owe(tx, context, policy, { kind: 'root-cause', subject, service, owner });
  await redraw(tx, context, [subject]);
  return fix;
};

/** What was seen or done, with its time. */
export const noteIncident = (
  context: Context,
  cause: Cause,
  note: { readonly incident: string; readonly text?: string },
): Promise<void> =>
  withIncident(context, cause, note.incident, async (tx, incident) => {
    const text = note.text ?? missing('note', incident);
    await insertNote(tx.db, incident.id, { person: cause.actor, text, at: cause.at });
    tx.record({
      kind: 'incident-note',
      service: incident.service,
      facts: { incident: incidentName(incident.id), person: cause.actor, text },
    });
  });

/** The impact is over. What is owed for it stays: after an outage, the analysis. */
export const closeIncident = (
  context: Context,
  cause: Cause,
  order: { readonly incident: string; readonly text?: string },
): Promise<void> =>
  withIncident(context, cause, order.incident, async (tx, incident, policy) => {
    const name = incidentName(incident.id);
    if (incident.endedAt !== null)
      refuse({ code: 'incident-over', facts: { incident: name, by: incident.closedBy ?? '' } });
    requirePart(policy, incident, cause.actor, 'close');
    const text = order.text ?? missing('close', incident);
    await insertNote(tx.db, incident.id, { person: cause.actor, text, at: cause.at });
    await updateIncident(tx.db, incident.id, { endedAt: cause.at, closedBy: cause.actor });
    tx.record({
      kind: 'incident-closed',
      service: incident.service,
      facts: { incident: name, person: cause.actor, text },
    });
    if (incident.severity === 'outage')
      await owe(tx, context, policy, {
        kind: 'root-cause',
        subject: name,
        service: incident.service,
        owner: incident.lead,
      });
    await announce(tx, context, policy, incident, 'closed', [incident.lead, incident.declaredBy]);
  });

export interface Findings {
  readonly incident: string;
  readonly what?: string;
  readonly why?: string;
  readonly unnoticed?: string;
  /** `text; owner; date | …` */
  readonly actions?: string;
}

/** The root-cause analysis; it settles what was owed of it, and may be written anew. */
export const analyseIncident = (context: Context, cause: Cause, findings: Findings): Promise<void> =>
  withIncident(context, cause, findings.incident, async (tx, incident, policy) => {
    const name = incidentName(incident.id);
    requirePart(policy, incident, cause.actor, 'analyse');
    const { what, why, unnoticed } = findings;
    const lacks = Object.entries({ what, why, unnoticed, actions: findings.actions })
      .filter(([, text]) => (text ?? '').trim() === '')
      .map(([field]) => field);
    if (what === undefined || why === undefined || unnoticed === undefined || lacks.length > 0)
      return refuse({ code: 'analysis-incomplete', facts: { incident: name, lacks } });
    const written =
      actionsIn(findings.actions ?? '') ??
      refuse({ code: 'actions-unreadable', facts: { incident: name, actions: findings.actions ?? '' } });
    const actions = written.map(({ text, owner, due }) => ({
      text,
      owner: personNamed(policy, owner).id,
      due:
        dayNamed(due, localDateOf(cause.at, policy.timezone)) ??
        refuse({ code: 'action-undated', facts: { incident: name, action: text, due } }),
    }));
    const analysis: Analysis = { what, why, unnoticed, actions, by: cause.actor, at: cause.at.toISOString() };
    await updateIncident(tx.db, incident.id, { analysis });
    tx.record({
      kind: 'root-cause',
      service: incident.service,
      facts: { incident: name, person: cause.actor, what, why, unnoticed, actions },
    });
    for (const { text, owner, due } of actions)
      await owe(tx, context, policy, {
        kind: 'action',
        subject: name,
        requirement: text,
        service: incident.service,
        owner,
        dueAt: endOfWork(policy, due),
      });
    for (const { id, kind, dueAt } of await openObligations(tx.db, { subject: name }))
      if (kind === 'root-cause') {
        const obligation = obligationName(id);
        await settleObligation(tx.db, id, cause.actor, cause.at, `analysis of ${name}`);
        await endChase(tx, context, id);
        tx.record({
          kind: 'obligation-settled',
          service: incident.service,
          outcome: dueAt <= cause.at ? 'overdue' : 'in-time',
          facts: { obligation, person: cause.actor, note: `analysis of ${name}` },
        });
      }
  });

const begin = async (
  tx: Tx,
  policy: Policy,
  kind: Incident['kind'],
  { service, what, severity, who, began }: Declaration,
  endedAt: Date | null,
): Promise<Incident> => {
  const { actor, at } = tx.cause;
  personNamed(policy, actor);
  const { name } = serviceNamed(policy, service);
  const verb = kind === 'fix' ? 'fix' : 'declare';
  const incident = await insertIncident(tx.db, {
    kind,
    what:
      what ??
      refuse({
        code: 'reason-missing',
        facts: { what: `incident ${verb}` },
        next: `incident ${verb} ${name} <what>`,
      }),
    service: name,
    severity: severityOf(severity),
    lead: who === undefined ? actor : personNamed(policy, who).id,
    declaredBy: actor,
    declaredAt: at,
    beganAt: began ?? at,
    endedAt,
    closedBy: endedAt === null ? null : actor,
  });
  tx.record({
    kind: 'incident',
    service: name,
    outcome: kind,
    facts: {
      incident: incidentName(incident.id),
      person: actor,
      what: incident.what,
      severity: incident.severity,
      lead: incident.lead,
    },
  });
  return incident;
};

const severityOf = (word = 'major'): Severity => {
  const meant = closest(word, severities);
  return (
    severities.find((severity) => severity === word.toLowerCase()) ??
    refuse({
      code: 'unknown-severity',
      facts: { severity: word, known: severities, ...(meant === undefined ? {} : { meant }) },
    })
  );
};

const missing = (verb: 'note' | 'close', { id }: Incident): never =>
  refuse({
    code: 'reason-missing',
    facts: { what: `incident ${verb}` },
    next: `incident ${verb} ${incidentName(id)} <text>`,
  });

export const withIncident = (
  context: Context,
  cause: Cause,
  name: string,
  act: (tx: Tx, incident: Incident, policy: Policy) => Promise<void>,
): Promise<void> =>
  context.store.transaction(cause, async (tx) => {
    const policy = context.policy();
    personNamed(policy, cause.actor);
    const id = incidentNumber(name);
    const incident = id === undefined ? undefined : await lockIncident(tx.db, id);
    if (incident === undefined) return refuse({ code: 'unknown-incident', facts: { incident: name } });
    await act(tx, incident, policy);
    await redraw(tx, context, [incidentName(incident.id)]);
  });

/** Whoever leads or declared it, answers for the service, operates it, or manages the release. */
export const requirePart = (policy: Policy, incident: Incident, actor: string, what: string): void => {
  const roles = ['operations', ...policy.releaseManagers];
  const people = [
    incident.lead,
    incident.declaredBy,
    ...(policy.services.get(incident.service)?.owners ?? []),
    ...roles.flatMap((name) => policy.roles.get(name) ?? []),
  ];
  if (people.includes(actor)) return;
  refuse({
    code: 'not-your-incident',
    facts: { incident: incidentName(incident.id), what },
    movers: [person(incident.lead), ...roles.map(role)],
  });
};

const announce = (
  tx: Tx,
  context: Context,
  policy: Policy,
  incident: Incident,
  state: 'declared' | 'closed',
  people: readonly string[],
): Promise<void> => {
  const notice = {
    kind: 'incident',
    incident: incidentName(incident.id),
    what: incident.what,
    service: incident.service,
    severity: incident.severity,
    lead: incident.lead,
    by: tx.cause.actor,
    state,
  } as const;
  const others = [...new Set(people)].filter((id) => id !== tx.cause.actor);
  return tell(tx, context, [
    // That it began is told by its card.
    ...(state === 'closed' ? [{ to: channel(context, policy, 'releases'), notice }] : []),
    ...others.map((id) => ({ to: direct(context, policy, id), notice })),
  ]);
};
