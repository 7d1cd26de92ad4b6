/** Bytes of an answer that are read; more is cut off. Only its end is of interest in a log. */
const mostBytes = 256 * 1_024;

export interface Call {
  readonly method?: 'GET' | 'POST' | 'DELETE';
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

export type Answer =
  | {
      readonly kind: 'answer';
      readonly status: number;
      readonly ok: boolean;
      readonly location: string | null;
      readonly text: string;
    }
  /** Nothing can have arrived there. */
  | { readonly kind: 'unreachable'; readonly reason: string }
  /** It may have arrived. */
  | { readonly kind: 'silent'; readonly reason: string };

export type Http = (url: string, call?: Call) => Promise<Answer>;

/**
 * Never rejects. Follows no redirects: a secret goes to the host that the policy names and to no other. An answer that
 * has not come whole after `timeoutMs` counts as none.
 */
export const createHttp =
  (timeoutMs = 30_000): Http =>
  async (url, { method = 'GET', headers = {}, body } = {}) => {
    if (!/^https?:/.test(url) || !URL.canParse(url))
      return { kind: 'unreachable', reason: `${hostOf(url)} is no http or https address` };
    try {
      const response = await fetch(url, {
        method,
        headers: { 'user-agent': 'signalbox', ...headers },
        redirect: 'manual',
        signal: AbortSignal.timeout(timeoutMs),
        ...(body === undefined ? {} : { body }),
      });
      const text = await endOf(response);
      const { status, ok } = response;
      return { kind: 'answer', status, ok, location: response.headers.get('location'), text };
    } catch (error) {
      const code = codeOf(error);
      return unreached.test(code)
        ? { kind: 'unreachable', reason: `${hostOf(url)} cannot be reached (${code})` }
        : { kind: 'silent', reason: `${hostOf(url)} did not answer (${code})` };
    }
  };

const unreached = /^(ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|UND_ERR_CONNECT_TIMEOUT)$/;

const codeOf = (error: unknown): string => {
  const cause = error instanceof Error && error.cause !== undefined ? error.cause : error;
  if (typeof cause === 'object' && cause !== null && 'code' in cause && typeof cause.code === 'string')
    return cause.code;
  return cause instanceof Error ? cause.name : 'unknown';
};

/** Without a path or query, which may hold what is nobody's business. */
const hostOf = (url: string): string => (URL.canParse(url) ? new URL(url).host : 'it');

/** The last bytes, as text that a database and a card can hold. */
const endOf = async (response: Response): Promise<string> => {
  if (response.body === null) return '';
  let kept = Buffer.alloc(0);
  for await (const chunk of response.body) {
    kept = Buffer.concat([kept, chunk]);
    if (kept.length > mostBytes) kept = kept.subarray(kept.length - mostBytes);
  }
  return kept.toString('utf8').replaceAll('\0', '\uFFFD');
};

/** Undefined when it is no JSON object. */
export const jsonOf = (text: string): Readonly<Record<string, unknown>> | undefined => {
  try {
    const value: unknown = JSON.parse(text);
    return isRecord(value) ? value : undefined;
  } catch {
    return undefined;
  }
};

export const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

export const lastBytes = (text: string, most = 8_192): string => text.slice(-most);

/** `answered 422: …` with the beginning of what it said. */
export const answered = ({ status, text }: { readonly status: number; readonly text: string }): string => {
  const said = text.replaceAll(/\s+/g, ' ').trim().slice(0, 200);
  return `answered ${status}${said === '' ? '' : `: ${said}`}`;
};
