import { type Incident, incidentName, type Part, parts } from '../domain/incident.ts';
import { refuse } from '../domain/refusal.ts';
import { closest } from '../domain/spelling.ts';
import { assignPart, updateIncident } from '../store/incidents.ts';
import type { Cause } from '../store/store.ts';
import type { Context } from './context.ts';
import { requirePart, withIncident } from './declare-incident.ts';
import { personNamed } from './find.ts';
import { direct, tell } from './outgoing.ts';
import { pastMoment } from './period.ts';

/** Who leads, speaks for it, or writes it down; the one who is asked is told. */
export const assignIncident = (
  context: Context,
  cause: Cause,
  order: { readonly incident: string; readonly part: string; readonly person: string },
): Promise<void> =>
  withIncident(context, cause, order.incident, async (tx, incident, policy) => {
    requirePart(policy, incident, cause.actor, 'assign');
    const part = partNamed(order.part);
    const { id: person } = personNamed(policy, order.person);
    const name = incidentName(incident.id);
    if (part === 'lead') await updateIncident(tx.db, incident.id, { lead: person });
    else await assignPart(tx.db, incident.id, part, person);
    tx.record({
      kind: 'incident-part',
      service: incident.service,
      facts: { incident: name, part, person, by: cause.actor },
    });
    if (person === cause.actor) return;
    const { what, service, severity } = incident;
    const lead = part === 'lead' ? person : incident.lead;
    await tell(tx, context, [
      {
        to: direct(context, policy, person),
        notice: {
          kind: 'incident',
          incident: name,
          what,
          service,
          severity,
          lead,
          by: cause.actor,
          state: 'assigned',
          part,
        },
      },
    ]);
  });

/** When it began to be felt, and, once it is closed, when it stopped: what was declared is seldom the whole of it. */
export const stateImpact = (
  context: Context,
  cause: Cause,
  impact: { readonly incident: string; readonly period: readonly string[] },
): Promise<void> =>
  withIncident(context, cause, impact.incident, async (tx, incident, policy) => {
    requirePart(policy, incident, cause.actor, 'impact');
    const [first = '', second] = impact.period;
    const name = incidentName(incident.id);
    if (second !== undefined && incident.endedAt === null)
      refuse({
        code: 'incident-lasts',
        facts: { incident: name },
        next: `incident close ${name} <what ended it>`,
      });
    const beganAt = pastMoment(policy, first, cause.at);
    const endedAt = second === undefined ? incident.endedAt : pastMoment(policy, second, cause.at);
    if (endedAt !== null && endedAt < beganAt)
      refuse({
        code: 'bad-period',
        facts: { from: first, to: second ?? '', known: ['2026-11-28T22:10', '22:10'] },
      });
    await updateIncident(tx.db, incident.id, { beganAt, ...ended(incident, endedAt) });
    tx.record({
      kind: 'incident-impact',
      service: incident.service,
      facts: {
        incident: name,
        person: cause.actor,
        from: beganAt.toISOString(),
        until: endedAt?.toISOString() ?? null,
      },
    });
  });

const ended = ({ closedBy }: Incident, endedAt: Date | null) =>
  endedAt === null || closedBy === null ? {} : { endedAt, closedBy };

const partNamed = (word: string): Part => {
  const meant = closest(word, parts);
  return (
    parts.find((part) => part === word.toLowerCase()) ??
    refuse({
      code: 'unknown-part',
      facts: { part: word, known: parts, ...(meant === undefined ? {} : { meant }) },
    })
  );
};
