import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { acknowledgeAlert } from '../../src/operations/answer-page.ts';
import type { Context } from '../../src/operations/context.ts';
import { type Firing, receiveAlerts } from '../../src/operations/raise-page.ts';
import { faultsIn, severityOf, shortened } from './alert-words.ts';

const key = z.string().min(1).max(255);

const Body = z.discriminatedUnion('event_action', [
  z.object({
    event_action: z.literal('trigger'),
    dedup_key: key.optional(),
    payload: z.object({
      summary: z.string().min(1),
      source: z.string().prefault(''),
      severity: z.string().optional(),
      component: z.string().optional(),
      group: z.string().optional(),
      class: z.string().optional(),
      custom_details: z.unknown().optional(),
    }),
    links: z.array(z.object({ href: z.string() })).optional(),
  }),
  z.object({ event_action: z.literal('acknowledge'), dedup_key: key }),
  z.object({ event_action: z.literal('resolve'), dedup_key: key }),
]);
type Trigger = Extract<z.infer<typeof Body>, { event_action: 'trigger' }>;

const source = 'pagerduty';

/** PagerDuty's Events API v2, which every monitoring tool can speak: answered 202 with the key, as it does. */
const events = (path: string) =>
  ({
    path,
    scheme: 'alert-key',
    atOnce: 8,
    // PagerDuty takes as much.
    bodyBytes: 512 * 1_024,
    parse: (json: unknown) => {
      const { data, error } = Body.safeParse(json);
      if (data === undefined) return { ok: false as const, faults: faultsIn(error) };
      const dedupKey = data.dedup_key ?? randomUUID();
      const act = async (context: Context, receivedAt: Date) => {
        const cause = { actor: 'system:pagerduty', at: receivedAt };
        if (data.event_action === 'acknowledge') await acknowledgeAlert(context, cause, source, dedupKey);
        else
          await receiveAlerts(context, cause, {
            source,
            firing: data.event_action === 'trigger' ? [firingOf(context, data, dedupKey, receivedAt)] : [],
            ended: data.event_action === 'resolve' ? [dedupKey] : [],
          });
        return {
          status: 202,
          body: { status: 'success', message: 'Event processed', dedup_key: dedupKey },
        } as const;
      };
      return { ok: true as const, value: act };
    },
  }) as const;

const firingOf = (context: Context, { payload, links }: Trigger, dedupKey: string, at: Date): Firing => {
  const { component, group, class: kind, custom_details: custom } = payload;
  const told = z.record(z.string(), z.unknown()).catch({}).parse(custom);
  const named = [told['service'], component, group, payload.source].filter(
    (one): one is string => typeof one === 'string' && one !== '',
  );
  const service = named.find((name) => context.policy().services.has(name)) ?? component ?? group;
  const url = links?.map(({ href }) => href).find((href) => /^https?:/i.test(href));
  const facts = { Source: payload.source, ...(kind === undefined ? {} : { Class: kind }), ...told };
  return {
    key: dedupKey,
    recurs: true,
    severity: severityOf(payload.severity),
    summary: shortened(payload.summary, 1_000),
    ...(service === undefined ? {} : { service: shortened(service, 200) }),
    group: shortened(payload.source, 200),
    ...(url === undefined ? {} : { url }),
    details: Object.fromEntries(
      Object.entries(facts)
        .slice(0, 20)
        .map(([label, value]) => [
          shortened(label, 100),
          shortened(typeof value === 'string' ? value : (JSON.stringify(value) ?? ''), 500),
        ]),
    ),
    startedAt: at,
  };
};

/** Also under the path that senders put after an address of their own. */
export const pagerduty = [events('/hooks/pagerduty'), events('/hooks/pagerduty/v2/enqueue')] as const;
