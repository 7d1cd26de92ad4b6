import { createHash } from 'node:crypto';
import { standingOf } from './approval.ts';
import { approvalCase, rulesFor } from './case.ts';
import { isDeployed } from './deployment.ts';
import { type Evidence, inForce } from './evidence.ts';
import type { Excuse } from './excuse.ts';
import { type EmergencySituation, emergencyGate, emergencyRequirements, gate } from './gate.ts';
import type { PersonId, Policy, Requirement, RoleName } from './policy.ts';
import { requirementName } from './requirement.ts';
import type { Situation } from './situation.ts';
import { trackerOf } from './tracker.ts';
import { windowState } from './window.ts';

/** All that the gate decided by when it let a deployment start. */
export type Judgement =
  | { readonly gate: 'window'; readonly situation: Situation }
  | { readonly gate: 'emergency'; readonly situation: EmergencySituation & Pick<Situation, 'now'> };

/** The same gate, asked again: the answer depends on nothing but what is recorded. */
export const replay = (judgement: Judgement): readonly Excuse[] =>
  judgement.gate === 'window' ? gate(judgement.situation) : emergencyGate(judgement.situation);

/** As text; its digest is on the record. Of the policy, only what a gate looks at for this change. */
export const judgementText = (judgement: Judgement): string => {
  const { situation } = judgement;
  return JSON.stringify(
    tagged({ ...judgement, situation: { ...situation, policy: rulesOnly(situation.policy, situation) } }),
  );
};

/** Our own text, held to its digest by whoever reads it: the shape is known. */
export const judgementIn = (text: string): Judgement => untagged(JSON.parse(text)) as Judgement;

export const digestOf = (text: string): string => createHash('sha256').update(text).digest('hex');

/** Names and addresses of people, other services, other plans and trains have no part in the decision. */
const rulesOnly = (policy: Policy, { subject }: Pick<Situation, 'subject'>): Policy => {
  const service = policy.services.get(subject.change.service);
  const plan = service && policy.plans.get(service.plan);
  return {
    ...policy,
    people: new Map(),
    services: new Map(service === undefined ? [] : [[service.name, service]]),
    plans: new Map(plan === undefined ? [] : [[plan.name, plan]]),
    trains: new Map(),
    channels: new Map(),
    events: [],
    trackers: policy.trackers.filter(({ name }) =>
      subject.change.records.some((record) => trackerOf(policy.trackers, record)?.name === name),
    ),
  };
};

/** Dates and maps as objects of one key, which nothing of the domain has. */
const tagged = (value: unknown): unknown => {
  if (value instanceof Date) return { $date: value.toISOString() };
  if (value instanceof Map) return { $map: [...value].map(([key, member]) => [key, tagged(member)]) };
  if (Array.isArray(value)) return value.map(tagged);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, tagged(member)]));
};

const untagged = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(untagged);
  if (typeof value !== 'object' || value === null) return value;
  if ('$date' in value) return new Date(String(value.$date));
  if ('$map' in value && Array.isArray(value.$map))
    return new Map(value.$map.map((pair: readonly unknown[]) => [pair[0], untagged(pair[1])]));
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, untagged(member)]));
};

/** Why it was allowed, as facts. */
export interface Grounds {
  readonly requirements: readonly {
    readonly requirement: string;
    /** The observations in force, one a platform. */
    readonly evidence: readonly Pick<
      Evidence,
      'outcome' | 'source' | 'person' | 'platform' | 'builder' | 'receivedAt'
    >[];
  }[];
  readonly seats: readonly { readonly role: RoleName; readonly person: PersonId | null }[];
  readonly go: string | null;
  /** Null for an emergency, which needs none. */
  readonly window: { readonly name: string; readonly closes: Date } | null;
  /** What had to go first, and went. */
  readonly before: readonly string[];
}

export const groundsOf = (judgement: Judgement): Grounds => {
  const { situation } = judgement;
  const { subject, policy, train, now } = situation;
  const rules = rulesFor(subject.change, policy);
  const asked: readonly Requirement[] =
    judgement.gate === 'window'
      ? train.cutoffs.flatMap(({ requires }) => requires)
      : emergencyRequirements(policy);
  const names = new Map(asked.map((requirement) => [requirementName(requirement), requirement]));
  names.delete('approvals');
  const window = judgement.gate === 'window' ? windowState(policy, train.windows, now) : undefined;
  return {
    requirements: [...names].map(([requirement, { kind, ...of }]) => ({
      requirement,
      evidence: (rules?.service.platforms ?? []).flatMap((platform, i) => {
        const found = inForce(
          subject.evidence,
          (e) =>
            e.kind === kind &&
            (!('environment' in of) || e.environment === of.environment) &&
            (!('role' in of) || e.role === of.role) &&
            (kind !== 'date-approved' || e.train === subject.change.train) &&
            (kind !== 'build' ||
              policy.trustedBuilders.length === 0 ||
              policy.trustedBuilders.includes(e.builder ?? '')) &&
            e.doubt === undefined &&
            (e.platform === null ? i === 0 : e.platform === platform),
        );
        return found === undefined ? [] : [found];
      }),
    })),
    seats:
      rules === undefined
        ? []
        : standingOf(approvalCase(subject, rules, train, policy)).seats.map(({ role, filledBy }) => ({
            role,
            person: filledBy ?? null,
          })),
    go: judgement.gate === 'window' ? judgement.situation.go : null,
    window: window?.open === true ? { name: window.window.name, closes: window.closes } : null,
    before:
      judgement.gate === 'window'
        ? judgement.situation.before.filter(({ state }) => isDeployed(state)).map(({ service }) => service)
        : [],
  };
};
