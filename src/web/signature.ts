import { createHmac, timingSafeEqual } from 'node:crypto';

/** Both ways: a timestamp of the future would make a captured request live longer. */
const skewMs = 300_000;

export interface SignedRequest {
  readonly secret: string;
  /** Unix seconds, as the header has them. */
  readonly timestamp: string | undefined;
  /** `sha256=<hex>`, as the header has it. */
  readonly signature: string | undefined;
  /** The bytes as they came: parsing and writing again would change them. */
  readonly body: Uint8Array;
  readonly now: Date;
}

/** HMAC-SHA256 over timestamp, a full stop and the raw body (DESIGN §5). */
export const signatureOf = (secret: string, timestamp: string, body: Uint8Array): string =>
  `sha256=${createHmac('sha256', secret).update(`${timestamp}.`).update(body).digest('hex')}`;

export const verifySignature = ({ secret, timestamp, signature, body, now }: SignedRequest): boolean => {
  if (timestamp === undefined || !/^\d{1,12}$/.test(timestamp)) return false;
  if (Math.abs(Number(timestamp) * 1_000 - now.getTime()) > skewMs) return false;
  return sameSignature(signature, signatureOf(secret, timestamp, body));
};

/** Takes equally long wherever they differ. Hex digits may be in either case. */
export const sameSignature = (given: string | undefined, expected: string): boolean => {
  const [a, b] = [digestIn(given), digestIn(expected)];
  return a !== undefined && b !== undefined && timingSafeEqual(a, b);
};

const digestIn = (signature = ''): Buffer | undefined => {
  const hex = /^sha256=([0-9a-f]{64})$/i.exec(signature)?.[1];
  return hex === undefined ? undefined : Buffer.from(hex, 'hex');
};
