import type { Excuse } from '../domain/excuse.ts';
import type { Grounds } from '../domain/judgement.ts';
import { formatLocal } from '../domain/time.ts';

/** A decision that was replayed, as sentences of a Markdown list. `zone`: in which times are told. */
export interface Decision {
  readonly deployment: string;
  readonly at: Date;
  readonly gate: 'window' | 'emergency';
  readonly genuine: boolean;
  readonly excuses: readonly Excuse[];
  readonly because: Grounds;
}

/** `allowed because …`, or why the replay does not bear the decision out. */
export const decisionMarkdown = (decision: Decision, zone: string): string => {
  const { deployment, at, gate, genuine, excuses, because } = decision;
  const time = (instant: Date): string => formatLocal(instant, zone);
  const verdict = !genuine
    ? 'the stored inputs are NOT those of the record'
    : excuses.length > 0
      ? `the replay does NOT allow it: ${excuses.map(({ code }) => code).join(', ')}`
      : 'allowed, and the replay comes to the same';
  const { window, before } = because;
  return [
    `${deployment} at ${time(at)} (${zone}): ${verdict}`,
    ...because.requirements.map(
      ({ requirement, evidence }) =>
        `- ${requirement}: ${evidence
          .map(
            ({ outcome, source, person, platform, builder, receivedAt }) =>
              `${outcome}${platform === null || platform === 'default' ? '' : ` on ${platform}`}, by ${text(person ?? builder ?? source)}, ${time(receivedAt)}`,
          )
          .join('; ')}`,
    ),
    ...because.seats.map(
      ({ role, person }) => `- seat of ${role}: ${person === null ? 'EMPTY' : text(person)}`,
    ),
    ...(gate === 'emergency'
      ? ['- emergency: no window, no go']
      : [
          `- go: ${because.go ?? 'NONE'}`,
          `- window: ${window === null ? 'SHUT' : `${window.name}, until ${time(window.closes)}`}`,
        ]),
    ...(before.length === 0 ? [] : [`- after: ${before.join(', ')}`]),
  ].join('\n');
};

interface Packet {
  readonly train: string;
  readonly go: string | null;
  readonly cutoffs: readonly { readonly name: string; readonly at: Date; readonly closedAt: Date | null }[];
  readonly changes: readonly {
    readonly change: string;
    readonly service: string;
    readonly version: string;
    readonly type: string;
    readonly artifact: string | null;
    readonly state: string;
    readonly train: string;
    readonly requester: string;
    readonly records: readonly string[];
  }[];
  readonly deployments: readonly { readonly state: string; readonly decision: Decision | null }[];
  readonly exceptions: readonly {
    readonly kind: string;
    readonly subject: string;
    readonly team: string;
    readonly reason: string;
    readonly outcome: string | null;
  }[];
  readonly obligations: readonly {
    readonly id: number;
    readonly kind: string;
    readonly subject: string;
    readonly owner: string;
    readonly dueAt: Date;
    readonly settledAt: Date | null;
    readonly note: string | null;
  }[];
  readonly record: readonly { readonly seq: number; readonly hash: string }[];
}

/** What an auditor reads; the JSON beside it has everything. */
export const packetMarkdown = (packet: Packet, zone: string): string => {
  const time = (instant: Date | null): string => (instant === null ? '—' : formatLocal(instant, zone));
  const last = packet.record.at(-1);
  const sections = [
    `# ${packet.train}`,
    `Times are those of ${zone}. ${packet.record.length} entries of the record${
      last === undefined ? '' : `, up to entry ${last.seq} (${last.hash})`
    }. Go: ${packet.go ?? 'none'}.`,
    table(
      'Cutoffs',
      ['Cutoff', 'At', 'Closed'],
      packet.cutoffs.map(({ name, at, closedAt }) => [name, time(at), time(closedAt)]),
    ),
    table(
      'Changes',
      ['Change', 'Service', 'Version', 'Type', 'Asked by', 'Records', 'State', 'Train', 'Artifact'],
      packet.changes.map((one) => [
        one.change,
        one.service,
        one.version,
        one.type,
        one.requester,
        one.records.join(', '),
        one.state,
        one.train,
        one.artifact ?? '—',
      ]),
    ),
    '## Decisions',
    ...packet.deployments.map(({ state, decision }) =>
      decision === null ? state : `${decisionMarkdown(decision, zone)}\n- became: ${state}`,
    ),
    table(
      'Exceptions',
      ['What', 'For', 'Team', 'Why', 'Outcome'],
      packet.exceptions.map((one) => [one.kind, one.subject, one.team, one.reason, one.outcome ?? 'open']),
    ),
    table(
      'Debts',
      ['Debt', 'What', 'For', 'Owner', 'Due', 'Settled', 'How'],
      packet.obligations.map((one) => [
        `OBL-${one.id}`,
        one.kind,
        one.subject,
        one.owner,
        time(one.dueAt),
        time(one.settledAt),
        one.note ?? '',
      ]),
    ),
  ];
  return `${sections.join('\n\n')}\n`;
};

const table = (title: string, head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [
    `## ${title}`,
    '',
    ...(rows.length === 0
      ? ['None.']
      : [head, head.map(() => '---'), ...rows.map((row) => row.map(text))].map(
          (row) => `| ${row.join(' | ')} |`,
        )),
  ].join('\n');

/** On one line, and nothing in it is markup. */
const text = (written: string): string =>
  written.replaceAll(/\s+/g, ' ').replaceAll(/[\\`*_[\]<>|#]/g, (sign) => `\\${sign}`);
