import { setTimeout as pause } from 'node:timers/promises';
import type { HaproxyRun } from '../domain/run.ts';
import { type HaproxyServer, haproxyCommand, haproxyServers } from './haproxy-socket.ts';
import type { Begun, Remote } from './remote.ts';

/** Real milliseconds that the new side has for its checks, and after which one that never fails counts as up. */
const checkMs = 15_000;
const steadyMs = 5_000;

/**
 * Switches the live side at run time: the new side is checked while it takes no requests, then let in, and only then is
 * the old one drained, which lets its running requests end. Until a check has passed nothing has changed for anybody.
 * A reload of HAProxy forgets all this.
 */
export const haproxy: Remote<HaproxyRun> = {
  name: 'haproxy',
  takes: (run) => run.executor === 'haproxy',

  begin: async (run) => {
    try {
      return await switchOver(run);
    } catch (error) {
      return failed(`HAProxy does not do it (${wordsOf(error)})`);
    }
  },

  // The process that switched died before it said so: what HAProxy does now is the answer.
  look: async (run) => {
    try {
      return isSwitched(run, await haproxyServers(run.socket, run.backend))
        ? { kind: 'ended', as: 'succeeded', tail: summary(run) }
        : { kind: 'ended', as: 'failed', reason: 'HAProxy does not send requests as it should', tail: '' };
    } catch (error) {
      return { kind: 'gone', reason: `HAProxy does not answer (${wordsOf(error)})` };
    }
  },

  cancel: async () => false,
};

const switchOver = async (run: HaproxyRun): Promise<Begun> => {
  const { socket, backend, to, from } = run;
  const before = await haproxyServers(socket, backend);
  const unknown = [to, ...from].filter((name) => !before.has(name));
  if (unknown.length > 0)
    return { kind: 'refused', reason: `${backend} has no server ${unknown.join(', ')}` };
  if (!serves(before.get(to))) {
    // Drained: checks run, requests do not come. One that is let in at once gets requests before its first check.
    await set(socket, backend, to, 'drain');
    if (!(await passes(run))) {
      await set(socket, backend, to, 'maint');
      return failed(`${to} is not up; ${from.join(', ')} stayed`);
    }
    await set(socket, backend, to, 'ready');
  }
  for (const name of from) await set(socket, backend, name, 'drain');
  return isSwitched(run, await haproxyServers(socket, backend))
    ? { kind: 'ended', as: 'succeeded', tail: summary(run) }
    : failed('HAProxy took the orders and does not follow them');
};

/** Whether a check passes that was made after the server had left maintenance; true where there are none. */
const passes = async ({ socket, backend, to }: HaproxyRun): Promise<boolean> => {
  const look = async () => (await haproxyServers(socket, backend)).get(to);
  const first = (await look())?.health;
  if (first === undefined) return true;
  for (let waited = 0; waited < checkMs; waited += 50) {
    const { health = first, isDown = true } = (await look()) ?? {};
    if (!isDown && (health > first || waited >= steadyMs)) return true;
    await pause(50);
  }
  return false;
};

const set = async (socket: string, backend: string, server: string, state: string): Promise<void> => {
  const said = await haproxyCommand(socket, `set server ${backend}/${server} state ${state}`);
  if (said !== '') throw new Error(said.slice(0, 200));
};

const serves = (server: HaproxyServer | undefined): boolean => server?.isReady === true && server.isUp;

const isSwitched = ({ to, from }: HaproxyRun, servers: ReadonlyMap<string, HaproxyServer>): boolean =>
  serves(servers.get(to)) && from.every((name) => servers.get(name)?.isReady === false);

const summary = ({ backend, to, from }: HaproxyRun): string =>
  `${backend}: ${to} takes all new requests, ${from.join(', ')} none`;

const failed = (reason: string): Begun => ({ kind: 'ended', as: 'failed', reason, tail: '' });

const wordsOf = (error: unknown): string => {
  if (!(error instanceof Error)) return 'unknown';
  return 'code' in error && typeof error.code === 'string' ? error.code : error.message;
};
