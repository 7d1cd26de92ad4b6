import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import type { Request } from 'express';
import type { Revealable } from './ready.ts';
import { sameSignature } from './signature.ts';

/** Digests are compared: they are equally long, and the comparison tells nothing of where they differ. */
const same = (a: string, b: string): boolean => timingSafeEqual(digest(a), digest(b));
const digest = (text: string): Buffer => createHash('sha256').update(text).digest();

/** Alertmanager sends a bearer token, senders of PagerDuty's format their `routing_key`. */
export const hasAlertKey = (
  key: Revealable | undefined,
  authorization: string | undefined,
  body: Uint8Array,
): boolean => {
  const given = bearerIn(authorization) ?? routingKeyOf(body);
  return key !== undefined && given !== undefined && same(given, key.reveal());
};

export const hasBearer = (key: Revealable | undefined, authorization: string | undefined): boolean => {
  const given = bearerIn(authorization);
  return key !== undefined && given !== undefined && same(given, key.reveal());
};

const bearerIn = (authorization = ''): string | undefined => /^Bearer (.+)$/i.exec(authorization)?.[1];

/** `X-Hub-Signature-256`: HMAC-SHA256 over the raw body (GitHub, Validating webhook deliveries). */
export const isGithub = (
  secret: Revealable | undefined,
  signature: string | undefined,
  body: Uint8Array,
): boolean =>
  secret !== undefined &&
  sameSignature(signature, `sha256=${createHmac('sha256', secret.reveal()).update(body).digest('hex')}`);

const routingKeyOf = (body: Uint8Array): string | undefined => {
  try {
    const value: unknown = JSON.parse(Buffer.from(body).toString('utf8'));
    return typeof value === 'object' &&
      value !== null &&
      'routing_key' in value &&
      typeof value.routing_key === 'string'
      ? value.routing_key
      : undefined;
  } catch {
    return undefined;
  }
};

export interface TwilioProof {
  readonly authToken: Revealable;
  /** As the world reaches us: the Host header is the sender's to choose. */
  readonly publicUrl: string;
}

/** Of `application/x-www-form-urlencoded`; of a repeated name, the last one. */
export const formOf = (body: Uint8Array): Readonly<Record<string, string>> =>
  Object.fromEntries(
    [...new URLSearchParams(Buffer.from(body).toString('utf8'))].map(([name, text]) => [
      name,
      text.replaceAll('\0', '').replace(/\p{Surrogate}/gu, '\uFFFD'),
    ]),
  );

/** Base64 of HMAC-SHA1 over the public address with its query and the sorted fields, name then value (Twilio, Security). */
export const twilioSignature = (
  authToken: string,
  url: string,
  form: Readonly<Record<string, string>>,
): string =>
  createHmac('sha1', authToken)
    .update(
      url +
        Object.keys(form)
          .sort()
          .map((name) => `${name}${form[name]}`)
          .join(''),
    )
    .digest('base64');

export const isTwilio = (
  { authToken, publicUrl }: TwilioProof,
  req: Pick<Request, 'originalUrl' | 'get'>,
  body: Uint8Array,
): boolean => {
  const raw = Object.fromEntries(new URLSearchParams(Buffer.from(body).toString('utf8')));
  const expected = twilioSignature(authToken.reveal(), `${publicUrl}${req.originalUrl}`, raw);
  return same(req.get('x-twilio-signature') ?? '', expected);
};
