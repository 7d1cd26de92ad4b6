import type { PlatformError } from '../src/chat/platform.ts';

export const longestWaitMs = 5 * 60_000;

/** Milliseconds until the next try: what the platform asks for, but at least 1 s, 2 s, 4 s … up to five minutes. */
export const waitAfter = (error: PlatformError, attempt: number): number =>
  Math.max(error.retryAfterMs, Math.min(1_000 * 2 ** (attempt - 1), longestWaitMs));
