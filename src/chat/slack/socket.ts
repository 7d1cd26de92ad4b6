import { setTimeout as pause } from 'node:timers/promises';
import type { App, Receiver } from '@slack/bolt';
import { SocketModeClient } from '@slack/socket-mode';
import type { Log } from '../../log.ts';
import { clientOptions, type Revealable, sdkLogger } from './api.ts';

export interface SocketOptions {
  readonly appToken: Revealable;
  readonly apiUrl?: string;
  readonly log: Log;
  /** Called when a payload arrives; the returned function when it has been dealt with. */
  readonly arrive: () => { readonly receivedAt: Date; readonly leave: () => void };
  /** At most 10; each payload goes to any one of all instances' connections. Two, so that one is up while one is renewed. */
  readonly connections?: number;
}

/** Milliseconds before a connection is tried again: 1 s, 2 s, 4 s … */
const longestWaitMs = 30_000;

/**
 * Socket Mode that never gives up. The SDK's own reconnecting ends for good, with an unhandled rejection, when Slack
 * cannot be reached; and it acknowledges events before they are dealt with. Here each connection is one client's life,
 * and an event is acknowledged once it is durable: what fails or is lost with a connection, Slack sends again.
 */
export const socketReceiver = (options: SocketOptions): Receiver => {
  const { appToken, apiUrl, log, arrive, connections = 2 } = options;
  const stopped = new AbortController();
  const lives: Promise<void>[] = [];
  const clients = new Set<SocketModeClient>();
  let app: App | undefined;

  const receive = async ({ body, ack, retry_num, retry_reason }: Envelope): Promise<void> => {
    const { receivedAt, leave } = arrive();
    const isEvent = body['type'] === 'event_callback';
    try {
      await app?.processEvent({
        body,
        ack: isEvent ? async () => {} : (response) => ack(response),
        ...(retry_num === undefined ? {} : { retryNum: retry_num }),
        ...(retry_reason === undefined ? {} : { retryReason: retry_reason }),
        customProperties: { receivedAt },
      });
      if (isEvent) await ack();
    } catch (error) {
      log.warn({ platform: 'slack', err: error }, 'a payload of Socket Mode was not acknowledged');
    } finally {
      leave();
    }
  };

  /** Until the connection ends. */
  const live = async (): Promise<void> => {
    const client = new SocketModeClient({
      appToken: appToken.reveal(),
      autoReconnectEnabled: false,
      // Its own: the SDK writes into them.
      clientOptions: clientOptions({ log, ...(apiUrl === undefined ? {} : { apiUrl }) }),
      logger: sdkLogger(log),
    });
    guardMessages(client, log);
    client.on('slack_event', receive);
    clients.add(client);
    try {
      const ended = new Promise<void>((resolve) => client.once('disconnected', () => resolve()));
      await client.start();
      await ended;
    } finally {
      clients.delete(client);
    }
  };

  const keepAlive = async (): Promise<void> => {
    let failures = 0;
    while (!stopped.signal.aborted) {
      try {
        await live();
        failures = 0;
      } catch (error) {
        if (stopped.signal.aborted) return;
        const waitMs = Math.min(1_000 * 2 ** failures, longestWaitMs);
        failures += 1;
        log.warn({ platform: 'slack', err: error, waitMs }, 'Socket Mode is not connected; trying again');
        await pause(waitMs, undefined, { signal: stopped.signal }).catch(() => {});
      }
    }
  };

  return {
    init: (to) => {
      app = to;
    },
    start: async () => {
      for (let i = 0; i < connections; i++) lives.push(keepAlive());
    },
    stop: async () => {
      stopped.abort();
      await Promise.all([...clients].map((client) => client.disconnect()));
      await Promise.all(lives);
    },
  };
};

interface Envelope {
  readonly body: Record<string, unknown>;
  readonly ack: (response?: unknown) => Promise<void>;
  readonly retry_num?: number;
  readonly retry_reason?: string;
}

/** A frame that the SDK cannot read (`app_rate_limited` is one) is an unhandled rejection there: here it is a line of the log. */
const guardMessages = (client: SocketModeClient, log: Log): void => {
  const readers = client.listeners('ws_message');
  client.removeAllListeners('ws_message');
  client.on('ws_message', (...frame: unknown[]) => {
    for (const read of readers)
      Promise.resolve()
        .then(() => Reflect.apply(read, client, frame))
        .catch((error: unknown) =>
          log.warn({ platform: 'slack', err: error }, 'a frame of Socket Mode was not understood'),
        );
  });
};
