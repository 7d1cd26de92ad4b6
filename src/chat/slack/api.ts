import { setTimeout as pause } from 'node:timers/promises';
import type { Logger, LogLevel } from '@slack/logger';
import {
  WebAPIHTTPError,
  WebAPIPlatformError,
  WebAPIRateLimitedError,
  WebAPIRequestError,
  WebClient,
} from '@slack/web-api';
import type { Log } from '../../log.ts';
import { PlatformError } from '../platform.ts';

/** A secret that is revealed only where it is used. */
export interface Revealable {
  reveal(): string;
}

/** Slack's Web API. Every call is made once: the outbox decides about another (the SDK's own retries post twice). */
export interface Api {
  /** Throws `PlatformError` and nothing else. */
  call(method: string, args: Record<string, unknown>): Promise<Readonly<Record<string, unknown>>>;
}

export const callTimeoutMs = 8_000;

export const connectApi = (options: {
  readonly token: Revealable;
  readonly apiUrl?: string;
  readonly log: Log;
}): Api => {
  const client = new WebClient(options.token.reveal(), clientOptions(options));
  return {
    call: async (method, args) => {
      try {
        return { ...(await client.apiCall(method, args)) };
      } catch (error) {
        throw platformError(error);
      }
    },
  };
};

export const clientOptions = ({ apiUrl, log }: { readonly apiUrl?: string; readonly log: Log }) => ({
  ...(apiUrl === undefined ? {} : { slackApiUrl: apiUrl.endsWith('/') ? apiUrl : `${apiUrl}/` }),
  retryConfig: { retries: 0 },
  timeout: callTimeoutMs,
  rejectRateLimitedCalls: true,
  allowAbsoluteUrls: false,
  logger: sdkLogger(log),
});

/** The SDK's words without its debug output, which has messages in it; tokens never get into the log. */
export const sdkLogger = (log: Log): Logger => {
  const words = (parts: unknown[]): string =>
    parts
      .map(String)
      .join(' ')
      .replace(/\bx(?:ox[a-z]|app|oxe\.xox[a-z])-[\w-]+/g, '[secret]')
      .replace(/(wss?:\/\/[^\s?]+)\?\S*/g, '$1?[secret]');
  return {
    debug: () => {},
    info: () => {},
    warn: (...parts) => log.warn({ sdk: 'slack' }, words(parts)),
    error: (...parts) => log.warn({ sdk: 'slack' }, words(parts)),
    setLevel: () => {},
    // The SDK's enum has the level's name as its value.
    getLevel: () => 'warn' as LogLevel,
    setName: () => {},
  };
};

/** The destination is dead, or the message is: trying again would change nothing. */
const gone = new Set([
  'channel_not_found',
  'is_archived',
  'not_in_channel',
  'restricted_action',
  'restricted_action_read_only_channel',
  'user_not_found',
  'users_not_found',
  'user_disabled',
  'user_is_bot',
  'cannot_dm_bot',
  'message_not_found',
  'thread_not_found',
  'cant_update_message',
  'edit_window_closed',
  'no_permission',
  'not_found',
]);

/** "It's possible some aspect of the operation succeeded" (Slack's reference, of every method). */
const halfDone = new Set(['fatal_error', 'internal_error', 'request_timeout', 'service_unavailable']);

/** What a person must put right in Slack or in the settings; meanwhile nothing is lost. */
const minutes = 60_000;
/** An outage is not hammered with every message there is. */
const outageMs = 15_000;

/** What a failed call means for what was asked of it. */
export const platformError = (error: unknown): PlatformError => {
  if (error instanceof PlatformError) return error;
  if (error instanceof WebAPIRateLimitedError)
    return new PlatformError('ratelimited', 'retry', Math.max(1, error.retryAfter) * 1_000);
  if (error instanceof WebAPIPlatformError) {
    const code = String(error.data.error);
    if (gone.has(code)) return new PlatformError(code, 'gone');
    if (halfDone.has(code)) return new PlatformError(code, 'unknown', outageMs);
    return new PlatformError(code, 'retry', code === 'ratelimited' ? 30_000 : minutes);
  }
  if (error instanceof WebAPIHTTPError)
    return new PlatformError(
      `http-${error.statusCode}`,
      error.statusCode >= 500 ? 'unknown' : 'retry',
      outageMs,
    );
  const code = codeOf(error) ?? 'unreachable';
  const isUnsent = error instanceof WebAPIRequestError && neverSent.test(code);
  return new PlatformError(code, isUnsent ? 'retry' : 'unknown', outageMs);
};

const neverSent = /^(ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|UND_ERR_CONNECT_TIMEOUT)$/;

/** A system's error code, however deep it is wrapped. */
const codeOf = (error: unknown): string | undefined => {
  for (let e = error, depth = 0; typeof e === 'object' && e !== null && depth < 6; depth++) {
    if ('code' in e && typeof e.code === 'string' && /^[A-Z_]+$/.test(e.code)) return e.code;
    e = 'original' in e ? e.original : 'cause' in e ? e.cause : undefined;
  }
  return undefined;
};

/** Tries until Slack answers; what only a person can put right (a wrong token) is thrown. */
export const untilAnswered = async <T>(
  attempt: () => Promise<T>,
  {
    log,
    signal,
    waitMs = 5_000,
  }: { readonly log: Log; readonly signal?: AbortSignal; readonly waitMs?: number },
): Promise<T> => {
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      const failure = platformError(error);
      if (refused.test(failure.code)) throw failure;
      log.warn({ code: failure.code }, 'Slack does not answer; trying again');
      await pause(Math.max(waitMs, failure.outcome === 'retry' ? failure.retryAfterMs : 0), undefined, {
        ...(signal === undefined ? {} : { signal }),
      });
    }
  }
};

/** The token is wrong or was withdrawn. */
const refused = /^(invalid_auth|not_authed|account_inactive|token_revoked|token_expired|missing_scope)$/;
