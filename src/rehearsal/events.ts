import type { AuditEntry } from '../domain/audit.ts';
import type { Policy } from '../domain/policy.ts';

/** One line of `signalbox rehearse --json`. */
export interface RehearsalEvent {
  /** ISO 8601, UTC. */
  readonly at: string;
  /** An audit kind, or the rehearsal's own: `bot-killed`, `bot-started`, `summary`. */
  readonly kind: string;
  readonly train?: string;
  readonly change?: string;
  readonly service?: string;
  readonly deployment?: string;
  readonly person?: string;
  readonly outcome?: string;
  readonly text?: string;
}

/** What the record says, in the shape that programs read. */
export const eventOf = (entry: AuditEntry, policy: Policy): RehearsalEvent => {
  const { kind, at, train, change, service, deployment, outcome, facts = {} } = entry;
  const person = typeof facts['person'] === 'string' ? facts['person'] : entry.actor;
  const text = textOf(entry);
  return {
    at,
    kind,
    ...(train === undefined ? {} : { train }),
    ...(change === undefined ? {} : { change }),
    ...(service === undefined ? {} : { service }),
    ...(deployment === undefined ? {} : { deployment }),
    ...(policy.people.has(person) ? { person } : {}),
    ...(outcome === undefined ? {} : { outcome }),
    ...(text === '' ? {} : { text }),
  };
};

const textOf = ({ kind, facts = {} }: AuditEntry): string => {
  const said = (name: string): string => plain(facts[name]);
  switch (kind) {
    case 'submitted':
      return `${said('type')} ${said('version')} ${said('records')}`.trim();
    case 'evidence':
      return ['kind', 'environment', 'platform', 'role', 'version', 'artifact']
        .map(said)
        .filter(Boolean)
        .join(' ');
    case 'artifact-changed':
      return `${said('from')} → ${said('to')}`;
    case 'reminder':
      return `${said('cutoff')}: ${said('changes')}`;
    case 'cutoff-closed':
      return `${said('cutoff')}: ready ${said('ready') || 'none'}`;
    case 'run-sheet':
      return `${said('cutoff')}: ${said('ready')} ready, ${said('moved')} moved`;
    case 'moved':
      return `from ${said('from')}: ${codesIn(facts['excuses'])}`;
    case 'approval-void':
      return `changed: ${said('changed')}`;
    case 'refused':
      return `${said('verb')} ${said('subject')}`.trim();
    case 'held':
      return codesIn([facts['excuse']]);
    case 'step-started':
    case 'step-finished':
    case 'step-unknown':
      return `${said('direction')} ${said('step')} ${said('reason')}`.trim();
    case 'deployment-started':
      return `${said('artifact')} in ${said('window')}`;
    case 'window-opened':
    case 'window-closed':
      return said('window');
    default:
      return said('reason');
  }
};

const plain = (value: unknown): string =>
  Array.isArray(value)
    ? value.map(plain).join(', ')
    : value === undefined || value === null
      ? ''
      : String(value);

const codesIn = (excuses: unknown): string =>
  (Array.isArray(excuses) ? excuses : [])
    .map((excuse: unknown) => {
      if (typeof excuse !== 'object' || excuse === null || !('code' in excuse)) return '';
      const of =
        'requirement' in excuse && excuse.requirement !== undefined ? ` (${plain(excuse.requirement)})` : '';
      return `${plain(excuse.code)}${of}`;
    })
    .filter((text) => text !== '')
    .join(', ');
