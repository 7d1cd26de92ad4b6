import { changeName, deploymentName } from '../domain/change.ts';
import {
  type Incident,
  type IncidentEvent,
  type IncidentView,
  incidentName,
  incidentNumber,
  lookBackMs,
  suspects,
} from '../domain/incident.ts';
import { obligationName } from '../domain/obligation.ts';
import { pageName } from '../domain/page.ts';
import type { PersonId } from '../domain/policy.ts';
import { refuse } from '../domain/refusal.ts';
import {
  findIncident,
  notesOf,
  type ProductionEvent,
  partsOf,
  productionEvents,
  recentIncidents,
} from '../store/incidents.ts';
import { openObligations } from '../store/obligations.ts';
import type { Context } from './context.ts';

/** With its timeline, which fills itself: what people noted, and what was done to the service and all that it needs. */
export const describeIncident = async (context: Context, name: string, now: Date): Promise<IncidentView> => {
  const { db } = context.store;
  const policy = context.policy();
  const id = incidentNumber(name);
  const incident = id === undefined ? undefined : await findIncident(db, id);
  if (!incident) return refuse({ code: 'unknown-incident', facts: { incident: name } });
  const from = new Date(incident.beganAt.getTime() - lookBackMs);
  const events = await productionEvents(
    db,
    suspects(policy, incident.service),
    from,
    incident.endedAt ?? now,
  );
  const notes = await notesOf(db, incident.id);
  const timeline: readonly IncidentEvent[] = [
    ...events.map(eventOf),
    { at: incident.declaredAt, kind: 'declared', person: incident.declaredBy, text: incident.what },
    ...notes.map(({ at, person, text }) => ({ at, kind: 'note' as const, person, text })),
    ...(incident.endedAt === null || incident.kind === 'fix'
      ? []
      : [{ at: incident.endedAt, kind: 'ended' as const, person: incident.closedBy, text: '' }]),
    ...(incident.analysis === null
      ? []
      : [
          {
            at: new Date(incident.analysis.at),
            kind: 'analysed' as const,
            person: incident.analysis.by,
            text: '',
          },
        ]),
  ];
  const owed = await openObligations(db, { subject: incidentName(incident.id) });
  return {
    incident,
    timeline: timeline.toSorted((a, b) => a.at.getTime() - b.at.getTime()),
    parts: await partsOf(db, incident.id),
    owed: owed.map((obligation) => obligationName(obligation.id)),
    policy,
    now,
  };
};

const eventOf = (event: ProductionEvent): IncidentEvent => ({
  at: event.at,
  kind: event.kind,
  person: event.person,
  text: [
    ...(event.deployment === null ? [] : [deploymentName(event.deployment)]),
    ...(event.change === null ? [] : [changeName(event.change)]),
    ...(event.page === null ? [] : [pageName(event.page)]),
    event.service,
    event.text,
  ]
    .filter((part) => part !== '')
    .join(' '),
});

export const listIncidents = (context: Context): Promise<readonly Incident[]> =>
  recentIncidents(context.store.db);

/** What the person declared or recorded last: the answer to it, also when it is repeated. */
export const latestIncident = async (context: Context, by: PersonId): Promise<string> => {
  const own = (await recentIncidents(context.store.db, 100)).filter(({ declaredBy }) => declaredBy === by);
  const newest = own.reduce<Incident | undefined>(
    (last, one) => (last === undefined || one.id > last.id ? one : last),
    undefined,
  );
  return newest === undefined
    ? refuse({ code: 'unknown-incident', facts: { incident: '' } })
    : incidentName(newest.id);
};
