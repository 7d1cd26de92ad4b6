import type { Clock } from '../clock.ts';
import type { Mailer, PagerDuty, Telephony, Webhook } from './integration.ts';
import { createSmtp, type SmtpOptions } from './smtp.ts';
import { createTwilio, type TwilioOptions } from './twilio.ts';
import { createPagerDuty, createWebhook, type SecretOf } from './webhook.ts';

/** What a company has set up; what is absent leads nowhere. */
export interface WaysOptions {
  readonly publicUrl?: string;
  readonly twilio?: Omit<TwilioOptions, 'publicUrl'>;
  readonly smtp?: SmtpOptions;
  readonly systems?: { readonly pagerdutyUrl: string };
}

/** The ways to a person besides chat. */
export const createWays = (
  { publicUrl, twilio, smtp, systems }: WaysOptions,
  { secret, clock }: { readonly secret: SecretOf; readonly clock: Clock },
): {
  readonly telephony?: Telephony;
  readonly mailer?: Mailer;
  readonly webhook?: Webhook;
  readonly pagerduty?: PagerDuty;
} => ({
  ...(twilio === undefined ? {} : { telephony: createTwilio({ ...twilio, publicUrl }) }),
  ...(smtp === undefined ? {} : { mailer: createSmtp(smtp) }),
  ...(systems === undefined
    ? {}
    : {
        webhook: createWebhook(secret, clock),
        pagerduty: createPagerDuty(systems.pagerdutyUrl, secret),
      }),
});
