import {
  type Applied,
  applyRule,
  type Event,
  readingRules,
  type Said,
  timeOf,
} from '../domain/event-rule.ts';
import type { Policy } from '../domain/policy.ts';
import { Repeated } from '../store/store.ts';
import type { Context } from './context.ts';
import { recordEvidence } from './record-evidence.ts';
import { recordReading } from './record-reading.ts';
import { recordTickets } from './record-tickets.ts';

export interface Occurrence extends Event {
  /** The sender's name for it: the same again has no second effect (L8). */
  readonly id: string;
}

export type EventOutcome =
  | { readonly status: 'recorded' | 'repeated' }
  /** Nothing of it counts here, and why. */
  | { readonly status: 'ignored'; readonly reason: string };

/**
 * Makes evidence of an event by every rule of the policy that speaks of it, each in a transaction of its own: when one is
 * refused, a repeat goes on where it ended.
 */
export const recordEvent = async (
  context: Context,
  event: Occurrence,
  receivedAt: Date,
): Promise<EventOutcome> => {
  const policy = context.policy();
  const results = [...policy.events, ...readingRules].map((rule) => placed(applyRule(rule, event), policy));
  const reasons: string[] = [];
  let recorded = false;
  let repeated = false;
  for (const [i, result] of results.entries()) {
    if (result?.kind === 'silent') reasons.push(result.reason);
    if (result?.kind !== 'said') continue;
    const cause = {
      actor: `system:${event.source}`,
      at: receivedAt,
      request: `${event.source}:${event.id}#${i}`,
    };
    try {
      await act(context, cause, event, result.said);
      recorded = true;
    } catch (error) {
      if (!(error instanceof Repeated)) throw error;
      repeated = true;
    }
  }
  if (recorded) return { status: 'recorded' };
  if (repeated) return { status: 'repeated' };
  const none = `no rule of the policy speaks of ${event.source}:${event.type}`;
  return { status: 'ignored', reason: reasons.length === 0 ? none : [...new Set(reasons)].join('; ') };
};

/** With the service by its name in the policy; senders know it by its repository too. Much happens that is not ours. */
const placed = (result: Applied | undefined, policy: Policy): Applied | undefined => {
  if (result?.kind !== 'said' || result.said.service === undefined || result.said.is === 'records')
    return result;
  const { service, environment } = result.said;
  if (environment !== undefined && !policy.environments.includes(environment))
    return { kind: 'silent', reason: `the policy has no environment ${environment}` };
  const known = policy.services.has(service) ? service : byRepository(policy, service);
  return known === undefined
    ? { kind: 'silent', reason: `the policy has no service ${service}` }
    : { kind: 'said', said: { ...result.said, service: known } };
};

/** `shop/checkout` is `https://git.shop.example/shop/checkout.git`, if exactly one service is built from such a one. */
const byRepository = (policy: Policy, name: string): string | undefined => {
  const wanted = bare(name);
  const found = [...policy.services.values()].filter(({ repository }) => {
    const own = bare(repository ?? '');
    return own !== '' && (own === wanted || own.endsWith(`/${wanted}`));
  });
  return found.length === 1 ? found[0]?.name : undefined;
};

const bare = (text: string): string =>
  text
    .toLowerCase()
    .replace(/\.git$/, '')
    .replace(/\/+$/, '');

const act = (
  context: Context,
  cause: { readonly actor: string; readonly at: Date; readonly request: string },
  event: Occurrence,
  said: Said,
): Promise<void> => {
  const {
    is,
    outcome,
    word,
    record = '',
    provenance,
    service = '',
    environment = '',
    configuration,
    ...told
  } = said;
  const observedAt = timeOf(event);
  const seen = observedAt === undefined ? {} : { observedAt };
  switch (is) {
    case 'records':
      return recordTickets(context, cause, [
        {
          record,
          tracker: event.source,
          state: word ?? event.type,
          ready: outcome === 'pass',
          fault: null,
          askedAt: cause.at,
        },
      ]);
    case 'observed': {
      const { artifact, version, platform } = told;
      return recordReading(context, cause, {
        service,
        environment,
        source: event.source,
        ...(artifact === undefined ? {} : { artifact }),
        ...(version === undefined ? {} : { version }),
        ...(platform === undefined ? {} : { platform }),
        ...(configuration === undefined ? {} : { configuration }),
        ...seen,
      });
    }
    case 'build':
    case 'deployed':
    case 'verified':
      return recordEvidence(context, cause, {
        ...told,
        kind: is,
        service,
        outcome,
        source: event.source,
        ...(is === 'build' ? {} : { environment }),
        ...seen,
        details: { event: event.type, id: event.id, ...(provenance === undefined ? {} : { provenance }) },
      });
  }
};
