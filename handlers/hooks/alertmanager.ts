import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { Context } from '../../src/operations/context.ts';
import { type Firing, receiveAlerts } from '../../src/operations/raise-page.ts';
import { faultsIn, severityOf, shortened } from './alert-words.ts';

const Texts = z.record(z.string(), z.string()).catch({});

/** Of version 4. What is not read is not asked for; a resolve passes whatever else is missing. */
const Alert = z.object({
  status: z.enum(['firing', 'resolved']),
  labels: Texts.prefault({}),
  annotations: Texts.prefault({}),
  startsAt: z.string().optional(),
  fingerprint: z.string().max(200).optional(),
  generatorURL: z.string().optional(),
});
type Alert = z.infer<typeof Alert>;

const Body = z.object({
  receiver: z.string().prefault(''),
  alerts: z.array(Alert).max(100_000),
});

/** Delivered at least once and in any order: named by fingerprint and beginning, so that a repeat is one. */
export const alertmanager = {
  path: '/hooks/alertmanager',
  scheme: 'alert-key',
  atOnce: 8,
  bodyBytes: 16 * 1_024 * 1_024,
  parse: (json: unknown) => {
    const { data, error } = Body.safeParse(json);
    if (data === undefined) return { ok: false as const, faults: faultsIn(error) };
    const act = (context: Context, receivedAt: Date): Promise<void> => {
      const isService = (name: string): boolean => context.policy().services.has(name);
      const firing = data.alerts.filter(({ status }) => status === 'firing');
      const ended = data.alerts.filter(({ status }) => status === 'resolved');
      return receiveAlerts(
        context,
        { actor: 'system:alertmanager', at: receivedAt },
        {
          source: 'alertmanager',
          firing: firing.map((alert) => firingOf(alert, data.receiver, isService, receivedAt)),
          ended: ended.map(keyOf),
        },
      );
    };
    return { ok: true as const, value: act };
  },
} as const;

const beginningOf = ({ startsAt }: Alert): Date | undefined => {
  const at = new Date(startsAt ?? '');
  return Number.isNaN(at.getTime()) ? undefined : at;
};

const keyOf = (alert: Alert): string => {
  const labels = Object.entries(alert.labels).sort(([a], [b]) => (a < b ? -1 : 1));
  const name = alert.fingerprint ?? createHash('sha256').update(JSON.stringify(labels)).digest('hex');
  return `${name}/${beginningOf(alert)?.toISOString() ?? ''}`;
};

const firingOf = (
  alert: Alert,
  receiver: string,
  isService: (name: string) => boolean,
  receivedAt: Date,
): Firing => {
  const { labels, annotations, generatorURL } = alert;
  const name = labels['alertname'] ?? 'alert';
  const candidates = [labels['service'], labels['app'], labels['job']].filter((one) => one !== undefined);
  const service = candidates.find(isService) ?? candidates[0];
  const startedAt = beginningOf(alert);
  return {
    key: keyOf(alert),
    recurs: startedAt === undefined,
    severity: severityOf(labels['severity']),
    summary: shortened(annotations['summary'] ?? annotations['description'] ?? name, 1_000),
    ...(service === undefined ? {} : { service: shortened(service, 200) }),
    group: shortened(`${receiver}/${name}`, 400),
    ...(generatorURL !== undefined && /^https?:/i.test(generatorURL) ? { url: generatorURL } : {}),
    details: Object.fromEntries(
      Object.entries({
        ...labels,
        ...(annotations['runbook_url'] === undefined ? {} : { runbook: annotations['runbook_url'] }),
      })
        .slice(0, 20)
        .map(([label, text]) => [shortened(label, 100), shortened(text, 500)]),
    ),
    startedAt: startedAt ?? receivedAt,
  };
};
