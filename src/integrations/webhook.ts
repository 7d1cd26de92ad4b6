import { createHmac } from 'node:crypto';
import type { Clock } from '../clock.ts';
import { post, textIn } from './http.ts';
import { DeliveryError, type PagerDuty, type Webhook } from './integration.ts';

/** A secret that the policy names; undefined when the environment has none of that name. Read at every use. */
export type SecretOf = (name: string) => string | undefined;

const secretNamed = (secret: SecretOf, name: string): string => {
  const value = secret(name);
  if (value === undefined) throw new DeliveryError('no-such-secret', 'refused');
  return value;
};

/**
 * Signs as the native hooks are signed (DESIGN §5): HMAC-SHA256 over timestamp, a full stop and the body. A receiver
 * that has seen the `Idempotency-Key` does nothing.
 */
export const createWebhook = (secret: SecretOf, clock: Clock): Webhook => ({
  post: async (to, key, content) => {
    const body = JSON.stringify(content);
    const timestamp = String(Math.floor(clock.now().getTime() / 1_000));
    const mac = createHmac('sha256', secretNamed(secret, to.secret)).update(`${timestamp}.${body}`);
    await post({
      url: to.url,
      headers: {
        'content-type': 'application/json',
        'idempotency-key': key,
        'x-signalbox-timestamp': timestamp,
        'x-signalbox-signature': `sha256=${mac.digest('hex')}`,
      },
      body,
    });
    return key;
  },
});

/** PagerDuty's Events API v2. A 400 is never right the second time, a 429 after minutes. */
export const createPagerDuty = (apiUrl: string, secret: SecretOf): PagerDuty => ({
  tell: async (routingKey, event) => {
    const answer = await post({
      url: `${apiUrl}/v2/enqueue`,
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ routing_key: secretNamed(secret, routingKey), client: 'Signalbox', ...event }),
    });
    return textIn(answer, 'dedup_key') ?? event.dedup_key;
  },
});
