import type { Kysely } from 'kysely';
import type { Case } from '../domain/case.ts';
import type { Change } from '../domain/change.ts';
import type { Evidence } from '../domain/evidence.ts';
import { decisionsFor } from './decisions.ts';
import { evidenceFor, rivalReports } from './evidence.ts';
import { readingsOf } from './readings.ts';
import type { Database } from './schema.ts';
import { ticketsOf } from './tickets.ts';

/** The changes with all that they are judged by, in five queries however many they are; same order. */
export const loadCases = async (
  db: Kysely<Database>,
  changes: readonly Change[],
): Promise<readonly Case[]> => {
  const [evidence, decisions, readings, rivals, tickets] = await Promise.all([
    evidenceFor(db, changes),
    decisionsFor(
      db,
      changes.map((change) => change.id),
    ),
    readingsOf(db, [...new Set(changes.map((change) => change.service))]),
    rivalReports(db, changes),
    ticketsOf(db, [...new Set(changes.flatMap(({ records }) => records))]),
  ]);
  const read = groupBy(readings, (r) => r.service);
  const told = new Map(tickets.map((ticket) => [ticket.record, ticket]));
  const byArtifact = groupBy(evidence, (e) => (e.change === null ? e.artifact : null));
  const byChange = groupBy(evidence, (e) => e.change);
  const byMilestone = groupBy(evidence, (e) => e.milestone ?? null);
  const decided = groupBy(decisions, (d) => d.change);
  return changes.map((change) => ({
    change,
    evidence: [
      ...(change.artifact === null
        ? []
        : (byArtifact.get(change.artifact) ?? []).filter((e) => sameService(e, change))),
      ...(byChange.get(change.id) ?? []),
      ...(change.milestones ?? []).flatMap((name) => byMilestone.get(name) ?? []),
    ],
    decisions: decided.get(change.id) ?? [],
    readings: read.get(change.service) ?? [],
    ...others(rivals.get(`${change.service} ${change.version}`), change),
    tickets: change.records.flatMap((record) => told.get(record) ?? []),
  }));
};

/** Nothing for most: their version was built once. */
const others = (reports: readonly Evidence[] | undefined, { artifact }: Change): Pick<Case, 'rivals'> => {
  const rivals = (reports ?? []).filter((e) => artifact !== null && e.artifact !== artifact);
  return rivals.length === 0 ? {} : { rivals };
};

export const loadCase = async (db: Kysely<Database>, change: Change): Promise<Case> => {
  const [only] = await loadCases(db, [change]);
  return only ?? { change, evidence: [], decisions: [] };
};

/** Two services may be built into one image; evidence is about one of them. */
const sameService = (evidence: Evidence, change: Change): boolean => evidence.service === change.service;

const groupBy = <T, K>(values: readonly T[], keyOf: (value: T) => K | null): ReadonlyMap<K, readonly T[]> => {
  const groups = new Map<K, T[]>();
  for (const value of values) {
    const key = keyOf(value);
    if (key === null) continue;
    const group = groups.get(key);
    if (group) group.push(value);
    else groups.set(key, [value]);
  }
  return groups;
};
