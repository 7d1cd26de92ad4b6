import type { AuditEntry } from '../domain/audit.ts';
import { changeName } from '../domain/change.ts';
import type { Policy } from '../domain/policy.ts';
import type { Acknowledged } from './director.ts';
import type { Breach } from './laws.ts';
import type { Rehearsed } from './rehearsed.ts';

export interface Summary {
  readonly changes: Readonly<Record<string, readonly string[]>>;
  /** Per person: how often they did something, and how often they were told no. */
  readonly people: Readonly<Record<string, { readonly acted: number; readonly refused: readonly string[] }>>;
  readonly deployments: Readonly<Record<string, number>>;
  readonly steps: number;
  readonly restarts: number;
  readonly seconds: number;
  readonly entries: number;
  readonly laws: readonly string[];
  readonly broken: readonly Breach[];
  readonly missing: readonly string[];
}

export const summarize = (
  rehearsed: Rehearsed,
  acknowledged: Acknowledged,
  more: {
    readonly seconds: number;
    readonly laws: readonly string[];
    readonly broken: readonly Breach[];
    readonly missing: readonly string[];
  },
): Summary => ({
  changes: groupBy(
    rehearsed.changes,
    outcomeIn(rehearsed),
    ({ id, service }) => `${changeName(id)} ${service}`,
  ),
  people: peopleOf(acknowledged, rehearsed.entries),
  deployments: Object.fromEntries(
    Object.entries(
      groupBy(
        rehearsed.deployments,
        ({ state }) => state,
        ({ service }) => service,
      ),
    ).map(([state, services]) => [state, services.length]),
  ),
  steps: rehearsed.runs.length,
  restarts: acknowledged.restarts,
  entries: rehearsed.entries.length,
  ...more,
});

const outcomeIn =
  ({ train }: Rehearsed) =>
  (change: Rehearsed['changes'][number]): string =>
    change.state !== 'boarded'
      ? change.state
      : change.train === train
        ? 'on this train'
        : `on ${change.train}`;

const peopleOf = ({ requests }: Acknowledged, entries: readonly AuditEntry[]): Summary['people'] => {
  const people = [...new Set(requests.map(({ person }) => person))];
  return Object.fromEntries(
    people.map((id) => [
      id,
      {
        acted: requests.filter(({ person, refused }) => person === id && !refused).length,
        refused: entries
          .filter(({ kind, actor }) => kind === 'refused' && actor === id)
          .map(
            ({ outcome = '', change = '', facts = {} }) =>
              `${[facts['verb'], change || facts['subject']].filter(Boolean).join(' ')} (${outcome.replaceAll('-', ' ')})`,
          ),
      },
    ]),
  );
};

const groupBy = <T>(
  values: readonly T[],
  keyOf: (value: T) => string,
  textOf: (value: T) => string,
): Readonly<Record<string, readonly string[]>> => {
  const groups: Record<string, string[]> = {};
  for (const value of values) {
    const group = groups[keyOf(value)] ?? [];
    groups[keyOf(value)] = group;
    group.push(textOf(value));
  }
  return groups;
};

/** Columns of the labels. */
export const summaryIndent = 20;

/** For the end of the transcript. */
export const summaryLines = (summary: Summary, policy: Policy): readonly string[] => {
  const row = (label: string, text: string): string => `${label.padEnd(summaryIndent)}${text}`;
  const name = (id: string): string => policy.people.get(id)?.name ?? id;
  return [
    ...Object.entries(summary.changes).map(([outcome, names]) => row(outcome, names.join(', '))),
    '',
    ...Object.entries(summary.people).map(([id, { acted, refused }]) =>
      row(
        name(id),
        `${acted} ${acted === 1 ? 'action' : 'actions'}${refused.length === 0 ? '' : `; told no: ${refused.join('; ')}`}`,
      ),
    ),
    '',
    row(
      'deployments',
      `${
        Object.entries(summary.deployments)
          .map(([state, count]) => `${count} ${state}`)
          .join(', ') || 'none'
      }; ${summary.steps} steps, each a process`,
    ),
    row('restarts', `${summary.restarts} in the middle of the window`),
    row('record', `${summary.entries} entries, each hashed with the one before`),
    row('played in', `${summary.seconds.toFixed(1)} s`),
    ...(summary.missing.length === 0 ? [] : ['', ...summary.missing.map((text) => row('not shown', text))]),
    '',
    ...summary.laws.map((law) => {
      const broken = summary.broken.filter((breach) => breach.law === law.split(' ')[0]);
      return `${broken.length === 0 ? '✓' : '✗'} ${law}${broken.map(({ text }) => `\n    ${text}`).join('')}`;
    }),
  ];
};
