import { hash } from 'node:crypto';
import { canonicalJson } from './canonical-json.ts';
import type { PlanRule, RoleName, SeatRule } from './policy.ts';

/** What an approval is bound to (L5), one SHA-256 (lower-case hex) per part, so that a change can be named. */
export interface Fingerprint {
  readonly artifact: string;
  readonly plan: string;
  readonly window: string;
  readonly records: string;
  readonly rule: string;
}

export const fingerprintParts = ['artifact', 'plan', 'window', 'records', 'rule'] as const;
export type FingerprintPart = (typeof fingerprintParts)[number];

export interface Fingerprinted {
  /** `sha256:…`; null while nothing has been built. */
  readonly artifact: string | null;
  readonly plan: PlanRule;
  /** The train and its windows' openings as ISO instants in UTC. */
  readonly window: { readonly train: string; readonly openings: readonly string[] };
  readonly records: readonly string[];
  readonly rule: readonly SeatRule[];
}

/** Records, openings and seats are sets: naming them in another order, or twice, voids nobody's approval. */
export const fingerprintOf = (parts: Fingerprinted): Fingerprint => ({
  artifact: digest(parts.artifact),
  plan: remembered(parts.plan, digest),
  window: remembered(parts.window, ({ train, openings }) => digest({ train, openings: asSet(openings) })),
  records: digest(asSet(parts.records)),
  rule: remembered(parts.rule, (rule) => digest(seatCounts(rule))),
});

/** In the order of `fingerprintParts`; empty when nothing changed. */
export const changedParts = (old: Fingerprint, now: Fingerprint): readonly FingerprintPart[] =>
  fingerprintParts.filter((part) => old[part] !== now[part]);

export const sameFingerprint = (a: Fingerprint, b: Fingerprint): boolean => changedParts(a, b).length === 0;

/** Eight hex digits for people to compare by eye; never compare them in code. */
export const fingerprintId = (fingerprint: Fingerprint): string => digest(fingerprint).slice(0, 8);

const digest = (value: unknown): string => hash('sha256', canonicalJson(value), 'hex');

/** Plans, windows and rules are objects of the policy in force, the same for all changes and never altered. */
const remembered = <T extends object>(part: T, digestOf: (part: T) => string): string => {
  const known = digests.get(part) ?? digestOf(part);
  digests.set(part, known);
  return known;
};
const digests = new WeakMap<object, string>();

const asSet = (values: readonly string[]): readonly string[] => [...new Set(values)].sort();

/** `[qa: 1, qa: 1]` asks for the same as `[qa: 2]`, and `[qa: 0]` for nothing. */
const seatCounts = (rule: readonly SeatRule[]): readonly (readonly [RoleName, number])[] => {
  const counts = new Map<RoleName, number>();
  for (const { role, count } of rule) counts.set(role, (counts.get(role) ?? 0) + count);
  return [...counts].filter(([, count]) => count > 0).sort(([a], [b]) => (a < b ? -1 : 1));
};
