import type { Log } from '../log.ts';

export interface HeartbeatOptions {
  /** Of a service that raises the alarm when it is not asked for some minutes. */
  readonly url: string;
  /** Whether pages still go out; a rejection counts as no. */
  readonly isSound: () => Promise<boolean>;
  readonly log: Log;
}

const limitMs = 10_000;

/** One beat of the dead man's switch: silence is the alarm, so it is silent whenever anything is in doubt. */
export const beat = async ({ url, isSound, log }: HeartbeatOptions): Promise<void> => {
  const sound = await isSound().catch(() => false);
  if (!sound) return log.error({}, 'pages are stuck: no heartbeat, so that somebody looks');
  try {
    const { ok, status } = await fetch(url, { redirect: 'follow', signal: AbortSignal.timeout(limitMs) });
    if (!ok) log.warn({ status }, 'the heartbeat was not taken');
  } catch (error) {
    log.warn({ err: error }, 'the heartbeat did not get through');
  }
};
