import type { Log } from '../src/log.ts';

export interface SendingAtOnce {
  begin(send: number): boolean;
  /** Waits for what has begun. */
  close(): Promise<void>;
}

/** As many as the queue's workers do beside it; a storm goes through the queue. */
const most = 20;

/**
 * The queue costs a page some ten milliseconds: what has just been committed leaves from the process that committed it.
 * The queue comes after it all the same, and whoever comes second finds it sent.
 */
export const sendAtOnce = (
  send: (payload: { readonly id: number }) => Promise<void>,
  log: Log,
): SendingAtOnce => {
  const begun = new Set<Promise<void>>();
  return {
    begin: (id) => {
      if (begun.size >= most) return false;
      const sending = send({ id })
        .catch((error: unknown) =>
          log.error({ send: id, err: error }, 'a page was not sent: the queue comes after it'),
        )
        .finally(() => begun.delete(sending));
      begun.add(sending);
      return true;
    },
    close: async () => void (await Promise.all(begun)),
  };
};
