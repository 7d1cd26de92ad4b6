import { textAt } from '../domain/json-pointer.ts';
import type { TrackerRule } from '../domain/tracker.ts';
import type { TicketAnswer, Trackers } from './integration.ts';
import type { SecretOf } from './webhook.ts';

export interface TrackersOptions {
  readonly secret: SecretOf;
  /** Real milliseconds for the whole answer of one ticket. Default 4000. */
  readonly limitMs?: number;
}

/** Bytes of an answer that are read: a ticket is small. */
const mostBytes = 1_024 * 1_024;

/** A ticket's address, headers of its own, and where the state stands in the answer. */
interface Question {
  readonly url: string;
  readonly accept?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly pointer: string;
}

/** Jira REST v3 and v2, GitHub's REST API, ServiceNow's Table API, and whatever answers JSON. */
export const createTrackers = ({ secret, limitMs = 4_000 }: TrackersOptions): Trackers => ({
  ask: async (rule, record) => {
    const question = questionOf(rule, record);
    if (question === undefined) return { fault: `${record} is no ticket of ${rule.name}` };
    const token = rule.secret === undefined ? undefined : secret(rule.secret);
    if (rule.secret !== undefined && token === undefined)
      return { fault: `the secret ${rule.secret} is not set` };
    return ask(question, authorization(rule, token), limitMs);
  },
});

const questionOf = (rule: TrackerRule, record: string): Question | undefined => {
  // People paste the address of a ticket as well.
  const key = record.split('/').at(-1) ?? '';
  const isKey = /^[\w-]{1,100}$/.test(key);
  switch (rule.kind) {
    case 'jira':
      return isKey
        ? {
            url: `${rule.url}/rest/api/${rule.api}/issue/${encodeURIComponent(key)}?fields=status`,
            pointer: '/fields/status/name',
          }
        : undefined;
    case 'github': {
      const [, owner, name, number] =
        /(?:^|\/)([A-Za-z0-9-]+)\/([\w.-]+)(?:#|\/issues\/|\/pull\/)(\d{1,12})$/.exec(record) ?? [];
      return number === undefined
        ? undefined
        : {
            url: `${rule.url}/repos/${owner}/${name}/issues/${number}`,
            accept: 'application/vnd.github+json',
            headers: { 'x-github-api-version': '2022-11-28' },
            pointer: '/state',
          };
    }
    case 'servicenow': {
      // `^` would begin another condition of the query.
      if (!isKey) return undefined;
      const query = new URLSearchParams({
        sysparm_query: `number=${key}`,
        sysparm_fields: `number,${rule.field}`,
        sysparm_display_value: 'true',
        sysparm_limit: '1',
      });
      return { url: `${rule.url}/api/now/table/${rule.table}?${query}`, pointer: `/result/0/${rule.field}` };
    }
    case 'json':
      return {
        url: rule.url.replaceAll('{record}', () => encodeURIComponent(record)),
        pointer: rule.pointer,
      };
  }
};

const authorization = (
  { user }: TrackerRule,
  token: string | undefined,
): Readonly<Record<string, string>> => {
  if (token === undefined) return {};
  return {
    authorization:
      user === undefined ? `Bearer ${token}` : `Basic ${Buffer.from(`${user}:${token}`).toString('base64')}`,
  };
};

/** Never rejects. Follows no redirects: the secret goes to the host that the policy names. */
const ask = async (
  { url, accept = 'application/json', headers = {}, pointer }: Question,
  authorized: Readonly<Record<string, string>>,
  limitMs: number,
): Promise<TicketAnswer> => {
  if (!URL.canParse(url)) return { fault: 'its address is none' };
  const { host } = new URL(url);
  try {
    const response = await fetch(url, {
      headers: { accept, 'user-agent': 'signalbox', ...headers, ...authorized },
      redirect: 'manual',
      signal: AbortSignal.timeout(limitMs),
    });
    if (response.status === 404) return { fault: `${host} knows no such ticket` };
    if (response.status === 401 || response.status === 403)
      return { fault: `${host} does not let us ask (${response.status})` };
    if (!response.ok) return { fault: `${host} answered ${response.status}` };
    const state = textAt(jsonIn(await beginning(response)), pointer);
    return state === undefined
      ? { fault: `${host} answered something that has no state` }
      : {
          state: state
            .replaceAll('\0', '')
            .replace(/\p{Surrogate}/gu, '\uFFFD')
            .slice(0, 100),
        };
  } catch (error) {
    return { fault: `${host} ${isTimeout(error) ? 'did not answer in time' : 'cannot be reached'}` };
  }
};

const isTimeout = (error: unknown): boolean => error instanceof Error && error.name === 'TimeoutError';

const beginning = async (response: Response): Promise<string> => {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of response.body ?? []) {
    chunks.push(chunk);
    length += chunk.length;
    if (length > mostBytes) break;
  }
  return Buffer.concat(chunks).toString('utf8');
};

const jsonIn = (text: string): unknown => {
  try {
    const value: unknown = JSON.parse(text);
    return value;
  } catch {
    return undefined;
  }
};
