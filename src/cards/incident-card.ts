import type { Block, Card, Text } from '../chat/card.ts';
import { bold, code } from '../chat/card.ts';
import type { Incident, IncidentEvent, IncidentView } from '../domain/incident.ts';
import { incidentName } from '../domain/incident.ts';
import type { Notice } from '../domain/notice.ts';
import type { Policy } from '../domain/policy.ts';
import { bullets, header, type Item } from './blocks.ts';
import { button, few } from './buttons.ts';
import { rcaMarkdown } from './rca-markdown.ts';
import { capital, clip, count, dayTime, duration, list, personSpan, spaced } from './words.ts';

/** More than that nobody reads in a chat; the export has everything. */
const mostEvents = 25;

export const incidentCard = (view: IncidentView): Card => {
  const { incident, timeline, parts, owed, policy, now } = view;
  const name = incidentName(incident.id);
  const lasts = incident.endedAt === null;
  const summary = `${name} ${clip(incident.what, 200)}: ${state(incident, now)}.`;
  const left = timeline.length - mostEvents;
  return {
    title: `${incident.kind === 'fix' ? 'Fixed first' : 'Incident'} · ${name} ${incident.service}`,
    tone: lasts ? 'bad' : owed.length > 0 ? 'warning' : 'neutral',
    summary,
    blocks: [
      { kind: 'text', text: [summary] },
      {
        kind: 'fields',
        fields: [
          { label: 'Severity', value: [incident.severity] },
          { label: incident.kind === 'fix' ? 'Done by' : 'Lead', value: [personSpan(incident.lead, policy)] },
          { label: 'Impact', value: impact(incident) },
          ...parts.map(({ part, person }) => ({ label: capital(part), value: [personSpan(person, policy)] })),
          ...(owed.length === 0 ? [] : [{ label: 'Owed', value: [list(owed)] }]),
        ],
      },
      header('Timeline'),
      ...bullets(
        [
          ...(left > 0 ? [{ mark: 'none' as const, text: [`${left} earlier`] }] : []),
          ...timeline.slice(-mostEvents).map((event) => eventItem(event, policy)),
        ],
        mostEvents + 1,
      ),
      ...next(incident),
    ],
    buttons: few([
      ...(lasts ? [button('incident note', name), button('incident close', name)] : []),
      button('incident rca', name),
    ]),
  };
};

const impact = ({ beganAt, endedAt }: Incident): Text => [
  'from ',
  dayTime(beganAt),
  ...(endedAt === null ? [] : [' to ', dayTime(endedAt)]),
];

const state = (incident: Incident, now: Date): string =>
  incident.kind === 'fix'
    ? 'done first, documented after'
    : incident.endedAt === null
      ? `lasts for ${duration(now.getTime() - incident.beganAt.getTime())}`
      : `over after ${duration(incident.endedAt.getTime() - incident.beganAt.getTime())}`;

const next = ({ id, endedAt }: Incident): readonly Block[] =>
  endedAt !== null
    ? []
    : [
        {
          kind: 'note',
          text: [
            code(`incident note ${incidentName(id)} <what you see>`),
            ' adds to it, ',
            code(`incident close ${incidentName(id)} <what ended it>`),
            ' ends it.',
          ],
        },
      ];

const eventItem = ({ at, kind, person, text }: IncidentEvent, policy: Policy): Item => ({
  mark: kind === 'ended' ? 'done' : kind === 'declared' ? 'failed' : 'none',
  text: [
    dayTime(at),
    ' ',
    ...(kind === 'note' ? [] : [bold(spaced(kind)), ' ']),
    ...(person === null ? [] : [personSpan(person, policy), text === '' ? '' : ': ']),
    clip(text, 300),
  ],
});

/** The analysis as Markdown, to be copied wherever such things are kept. */
export const rcaCard = (view: IncidentView): Card => {
  const name = incidentName(view.incident.id);
  const { analysis } = view.incident;
  const summary =
    analysis === null
      ? `${name} has no root-cause analysis yet.`
      : `The root-cause analysis of ${name}, with ${count(analysis.actions.length, 'action')}.`;
  const how = `incident rca ${name} --what … --why … --unnoticed … --actions "text; owner; date | text; owner; date"`;
  return {
    title: `Root cause · ${name} ${view.incident.service}`,
    tone: analysis === null ? 'warning' : 'neutral',
    summary,
    blocks: [
      { kind: 'text', text: [summary] },
      ...(analysis === null
        ? [{ kind: 'note' as const, text: [code(how)] }]
        : [{ kind: 'output' as const, text: rcaMarkdown(view) }]),
    ],
    buttons: [button('incident show', name)],
  };
};

export const incidentListCard = (incidents: readonly Incident[], policy: Policy): Card => {
  const open = incidents.filter(({ endedAt }) => endedAt === null);
  const summary = open.length === 0 ? 'Nothing is wrong now.' : `${count(open.length, 'incident')} now.`;
  return {
    title: 'Incidents',
    tone: open.length === 0 ? 'good' : 'bad',
    summary,
    blocks: [
      { kind: 'text', text: [summary] },
      ...bullets(
        incidents.map(({ id, kind, service, what, severity, endedAt, beganAt, lead }) => ({
          mark: endedAt === null ? ('failed' as const) : ('done' as const),
          text: [
            bold(incidentName(id)),
            ` ${service}: ${clip(what, 120)} (${kind === 'fix' ? 'fixed first' : severity}) — `,
            personSpan(lead, policy),
            ', ',
            dayTime(beganAt),
          ],
        })),
      ),
    ],
    buttons: [],
  };
};

const said = { declared: 'is wrong', closed: 'is over', assigned: 'needs you' } as const;

export const incidentNoticeCard = (
  {
    incident,
    what,
    service,
    severity,
    lead,
    by,
    state: now,
    part,
  }: Extract<Notice, { readonly kind: 'incident' }>,
  policy: Policy,
): Card => {
  const summary = `${incident} ${service} ${said[now]}: ${clip(what, 300)}`;
  return {
    title: `${incident} ${service} ${said[now]}`,
    tone: now === 'declared' ? 'bad' : 'warning',
    summary,
    blocks: [
      { kind: 'text', text: [summary] },
      {
        kind: 'fields',
        fields: [
          { label: 'Severity', value: [severity] },
          ...(part === undefined ? [] : [{ label: 'Your part', value: [part] }]),
          { label: 'Lead', value: [personSpan(lead, policy)] },
          ...(by === lead ? [] : [{ label: 'Said by', value: [personSpan(by, policy)] }]),
        ],
      },
    ],
    buttons: [button('incident show', incident)],
  };
};
