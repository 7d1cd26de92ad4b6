import type { IncidentEvent, IncidentView } from '../domain/incident.ts';
import { incidentName } from '../domain/incident.ts';
import { formatLocal } from '../domain/time.ts';

/** The root-cause analysis as a document of its own: times in the policy's zone. What people wrote stays text. */
export const rcaMarkdown = ({ incident, timeline, policy }: IncidentView): string => {
  const { analysis, what, service, severity, beganAt, endedAt, lead } = incident;
  const at = (instant: Date): string => formatLocal(instant, policy.timezone);
  const name = (id: string): string => policy.people.get(id)?.name ?? id;
  const sections = [
    `# ${incidentName(incident.id)}: ${line(what)}`,
    [
      `- Service: ${line(service)}`,
      `- Severity: ${severity}`,
      `- Impact: ${at(beganAt)} to ${endedAt === null ? 'now' : at(endedAt)} (${policy.timezone})`,
      `- Lead: ${line(name(lead))}`,
    ].join('\n'),
    ...(analysis === null
      ? ['The analysis is not written yet.']
      : [
          `## What happened\n\n${text(analysis.what)}`,
          `## Why\n\n${text(analysis.why)}`,
          `## Why it was not noticed\n\n${text(analysis.unnoticed)}`,
          [
            '## Actions',
            '',
            '| What | Who | Until |',
            '|---|---|---|',
            ...analysis.actions.map(
              (action) => `| ${cell(action.text)} | ${cell(name(action.owner))} | ${cell(action.due)} |`,
            ),
          ].join('\n'),
        ]),
    ['## Timeline', '', ...timeline.map((event) => `- ${at(event.at)} ${eventText(event, name)}`)].join('\n'),
  ];
  return `${sections.join('\n\n')}\n`;
};

const eventText = ({ kind, person, text: said }: IncidentEvent, name: (id: string) => string): string =>
  [
    kind === 'note' ? '' : kind.replace('-', ' '),
    person === null ? '' : `${kind === 'note' ? '' : 'by '}${line(name(person))}`,
    said === '' ? '' : `${kind === 'note' ? ': ' : '— '}${line(said)}`,
  ]
    .filter((part) => part !== '')
    .join(' ')
    .replace(' : ', ': ');

/** On one line, and nothing in it is markup. */
const line = (written: string): string => plainText(written.replaceAll(/\s+/g, ' ').trim());
const cell = (written: string): string => line(written);
/** Paragraphs stay; a line cannot begin a heading, a list or a fence. */
const text = (written: string): string => written.trim().split('\n').map(plainText).join('\n');

const plainText = (written: string): string =>
  written.replaceAll(/[\\`*_[\]<>|#]/g, (sign) => `\\${sign}`).replace(/^(\s*)([-+=~]|\d+[.)])/, '$1\\$2');
