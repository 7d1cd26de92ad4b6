import { isDigest, isVersion } from '../domain/change.ts';
import {
  after,
  judgeReading,
  type Observed,
  type Place,
  usualDelayMs,
  weigh,
} from '../domain/observation.ts';
import type { Policy } from '../domain/policy.ts';
import { refuse } from '../domain/refusal.ts';
import { lockObserved, readAgain, saveObserved, shippedOf } from '../store/observations.ts';
import { insertReading } from '../store/readings.ts';
import type { Cause, Tx } from '../store/store.ts';
import type { Context } from './context.ts';
import { environmentNamed, platformNamed, serviceNamed } from './find.ts';
import { findUnrecorded } from './find-unrecorded.ts';
import { wake } from './wake.ts';

/** What a system has seen somewhere: the bytes that run (or their version), or the configuration they run with. */
export interface Reading {
  readonly service: string;
  readonly environment: string;
  readonly platform?: string;
  readonly artifact?: string;
  readonly version?: string;
  /** A digest of it, whatever it is made of. */
  readonly configuration?: string;
  readonly source: string;
  readonly observedAt?: Date;
}

/**
 * One reading changes nothing but is on the record; two that agree, one after the other, are believed. What they agree
 * on in production and no deployment of ours brought is asked about. A reading older than what is known changes nothing,
 * and neither does a repeated one (`Repeated`).
 */
export const recordReading = async (context: Context, cause: Cause, reading: Reading): Promise<void> => {
  const policy = context.policy();
  const seen = valuesIn(policy, reading);
  // It cannot speak of the future: it would hide every later one.
  const at = new Date(Math.min((reading.observedAt ?? cause.at).getTime(), cause.at.getTime()));
  const news: (typeof seen)[number][] = [];
  for (const one of seen) if (!(await readAgain(context.store.db, one.place, one.value, at))) news.push(one);
  if (news.length === 0) return;
  await context.store.transaction(cause, async (tx) => {
    for (const { place, value } of news) await take(tx, context, policy, place, value, at, reading.source);
  });
};

/** Each with its place; refuses what cannot be a reading. */
const valuesIn = (
  policy: Policy,
  { artifact, version, configuration, ...reading }: Reading,
): readonly { readonly place: Place; readonly value: string }[] => {
  const service = serviceNamed(policy, reading.service);
  if (artifact !== undefined && !isDigest(artifact)) refuse({ code: 'bad-artifact', facts: { artifact } });
  if (configuration !== undefined && !isDigest(configuration))
    refuse({ code: 'bad-artifact', facts: { artifact: configuration } });
  if (version !== undefined && !isVersion(version)) refuse({ code: 'bad-version', facts: { version } });
  const place = {
    service: service.name,
    environment: environmentNamed(policy, reading.environment),
    platform: platformNamed(service, reading.platform),
  };
  const bytes = artifact ?? version;
  if (bytes === undefined && configuration === undefined)
    refuse({ code: 'nothing-read', facts: { service: service.name } });
  return [
    ...(bytes === undefined ? [] : [{ place: { ...place, aspect: 'artifact' as const }, value: bytes }]),
    ...(configuration === undefined
      ? []
      : [{ place: { ...place, aspect: 'configuration' as const }, value: configuration }]),
  ];
};

const take = async (
  tx: Tx,
  context: Context,
  policy: Policy,
  place: Place,
  value: string,
  at: Date,
  source: string,
): Promise<void> => {
  const known = await lockObserved(tx.db, place);
  const weight = weigh(known, value, at);
  if (weight === 'stale') return;
  const now = after(known, place, value, at);
  if (weight !== 'same')
    tx.record({
      kind: 'reading',
      service: place.service,
      outcome: weight,
      facts: {
        environment: place.environment,
        platform: place.platform,
        aspect: place.aspect,
        value,
        observed: at.toISOString(),
        source,
      },
    });
  if (weight !== 'confirmed') return saveObserved(tx.db, now);
  await insertReading(tx.db, {
    ...place,
    value,
    observedAt: now.since ?? at,
    receivedAt: tx.cause.at,
  });
  await saveObserved(tx.db, await judged(tx, context, policy, now, known?.value ?? null));
  // What waits for its environment to be like production.
  await wake(tx, context);
};

/** What two readings have agreed on just now. Only production is held to what we deployed. */
const judged = async (
  tx: Tx,
  context: Context,
  policy: Policy,
  now: Observed,
  was: string | null,
): Promise<Observed> => {
  if (now.environment !== policy.environments.at(-1) || now.value === null) return now;
  const delay = policy.services.get(now.service)?.observed ?? usualDelayMs;
  const accepted = { ...now, accepted: now.value, acceptedAt: tx.cause.at };
  switch (judgeReading(now, await shippedOf(tx.db, now.service), delay)) {
    case 'baseline':
      return accepted;
    case 'ours':
      return now.aspect === 'configuration' ? accepted : now;
    case 'accepted':
      return now;
    case 'stranger':
      await findUnrecorded(tx, context, policy, now, was);
      return now;
  }
};
