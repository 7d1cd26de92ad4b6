import { createHmac, timingSafeEqual } from 'node:crypto';

/** What a system shows when it says how a step ended: the run's name and our signature of it. */
export const stepToken = (secret: string, run: string): string => `${run}~${signature(secret, run)}`;

/** The run that a token is for; undefined when we did not sign it. Whether the run is still awaited is another question. */
export const runOfToken = (secret: string, token: string): string | undefined => {
  const [run = '', given = ''] = token.split('~');
  const expected = Buffer.from(signature(secret, run));
  const shown = Buffer.from(given);
  return shown.length === expected.length && timingSafeEqual(shown, expected) ? run : undefined;
};

/** Another key than that of the hooks' own signatures, although it is made of the same secret. */
const signature = (secret: string, run: string): string =>
  createHmac('sha256', secret).update(`step-token.${run}`).digest('hex');
