import { randomUUID } from 'node:crypto';
import { type LiveSide, sideIn } from '../domain/live-side.ts';
import type { Executor } from './executor.ts';
import { haproxyServers } from './haproxy-socket.ts';

/** Real milliseconds that a program has to say which side is live. */
const patienceMs = 10_000;

const unknown = (reason: string): LiveSide => ({ known: false, reason });

/** The last line that a program prints. Of its run nothing is kept: it changed nothing, and is asked anew each time. */
export const liveSideByCommand =
  (
    command: Pick<Executor, 'prepare' | 'start' | 'wait' | 'cancel' | 'forget'>,
  ): NonNullable<Executor['liveSide']> =>
  async (query, names, spec) => {
    if (query.executor !== 'command') return unknown(`${query.executor} is no program`);
    const run = { ...spec, step: `live-side-${randomUUID()}`, run: query };
    const handle = command.prepare(run);
    try {
      await command.start(handle, run);
      const status = await command.wait(handle, AbortSignal.timeout(patienceMs));
      if (status.state === 'running') {
        await command.cancel(handle);
        return unknown(`no answer within ${patienceMs / 1_000} s`);
      }
      if (status.state !== 'finished') return unknown(('reason' in status && status.reason) || status.state);
      if (status.exitCode !== 0) return unknown(status.fault ?? `exit code ${status.exitCode}`);
      return sideIn(names, status.tail.trimEnd().split('\n').at(-1)?.trim() ?? '');
    } finally {
      await command.forget?.(handle);
    }
  };

/** The one server of the two that takes requests. */
export const liveSideByHaproxy: NonNullable<Executor['liveSide']> = async (query, names) => {
  if (query.executor !== 'haproxy') return unknown(`${query.executor} is not HAProxy`);
  try {
    const servers = await haproxyServers(query.socket, query.backend);
    const serving = names.filter((name) => {
      const server = servers.get(name);
      return server?.isUp === true && server.isReady;
    });
    const [only] = serving;
    return only !== undefined && serving.length === 1
      ? { known: true, side: only }
      : unknown(`${serving.length === 0 ? 'none' : 'both'} of ${names.join(' and ')} take requests`);
  } catch (error) {
    return unknown(`HAProxy does not answer (${error instanceof Error ? error.message : 'unknown'})`);
  }
};
