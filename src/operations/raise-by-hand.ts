import { severities } from '../domain/oncall.ts';
import { refuse } from '../domain/refusal.ts';
import type { Cause } from '../store/store.ts';
import type { Context } from './context.ts';
import { receiveAlerts } from './raise-page.ts';

export interface ByHand {
  /** Names it for whoever shows it: the request's id. */
  readonly key: string;
  readonly summary: string;
  readonly service?: string;
  /** As typed; default `critical`: somebody asks for a person. Refuses `unknown-severity`. */
  readonly severity?: string;
}

export const raisePage = async (context: Context, cause: Cause, page: ByHand): Promise<void> => {
  const { key, summary, service, severity: typed = 'critical' } = page;
  const severity =
    severities.find((one) => one === typed.toLowerCase()) ??
    refuse({ code: 'unknown-severity', facts: { severity: typed, known: [...severities] } });
  await receiveAlerts(context, cause, {
    source: 'chat',
    firing: [
      {
        key,
        recurs: false,
        severity,
        summary,
        ...(service === undefined ? {} : { service }),
        details: { 'Raised by': context.policy().people.get(cause.actor)?.name ?? cause.actor },
        startedAt: cause.at,
      },
    ],
    ended: [],
  });
};
