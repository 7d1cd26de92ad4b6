import { DeliveryError } from './integration.ts';

/** Longer than it ever takes to accept, shorter than a send may take in all. */
const limitMs = 8_000;

export interface Post {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | URLSearchParams;
  /** What the provider calls the fault, for the log: of the answer's JSON. */
  readonly codeIn?: (body: unknown) => string | undefined;
}

/** Posts, and resolves to the JSON of the answer, if it is any. Throws `DeliveryError`: what may have left is `unknown`. */
export const post = async ({ url, headers, body, codeIn }: Post): Promise<unknown> => {
  let response: Response;
  try {
    response = await fetch(url, {
      method: 'POST',
      headers,
      body,
      redirect: 'error',
      signal: AbortSignal.timeout(limitMs),
    });
  } catch {
    // It may have been accepted; twice is better than never.
    throw new DeliveryError('no-answer', 'unknown');
  }
  const answer: unknown = await response.json().catch(() => undefined);
  if (response.ok) return answer;
  const detail = codeIn?.(answer);
  const code = `http-${response.status}${detail === undefined ? '' : `-${detail}`}`;
  if (response.status !== 429 && response.status !== 408 && response.status < 500)
    throw new DeliveryError(code, 'refused');
  const seconds = Number(response.headers.get('retry-after'));
  throw new DeliveryError(code, 'retry', Number.isFinite(seconds) && seconds > 0 ? seconds * 1_000 : 1_000);
};

export const textIn = (body: unknown, name: string): string | undefined => {
  if (typeof body !== 'object' || body === null || !(name in body)) return undefined;
  const value: unknown = Object.entries(body).find(([key]) => key === name)?.[1];
  return typeof value === 'string' || typeof value === 'number' ? String(value) : undefined;
};
