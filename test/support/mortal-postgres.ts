import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { silentLog } from '../../src/log.ts';
import { startEmbedded } from '../../src/store/embedded.ts';
import { temporaryFolder } from './postgres-server.ts';

/** A PostgreSQL of a test's own that is started again whenever it is killed. What it acknowledged it keeps. */
export interface MortalPostgres {
  readonly url: string;
  /** SIGKILL for the server and all its sessions. */
  kill(): void;
  stop(): Promise<void>;
}

export const mortalPostgres = async (): Promise<MortalPostgres> => {
  const { folder, remove } = await temporaryFolder();
  // What the kernel was given outlives a killed process: it need not wait for the disk, only for the write.
  const server = await startEmbedded(folder, {
    log: silentLog,
    settings: { fsync: 'off', max_connections: '200' },
  });
  return {
    url: server.url,
    kill: () => {
      const pid = server.pid();
      const sessions = childrenOf(pid);
      for (const victim of [pid, ...sessions]) end(victim);
    },
    stop: async () => {
      await server.stop();
      await remove();
    },
  };
};

/** Sessions are in process groups of their own. */
const childrenOf = (parent: number): readonly number[] =>
  readdirSync(existsSync('/proc') ? '/proc' : '.')
    .filter((name) => /^\d+$/.test(name))
    .filter((name) => parentOf(name) === parent)
    .map(Number);

/** pid (name) state parent …, where the name may hold anything. */
const parentOf = (pid: string): number => {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
  } catch {
    return 0;
  }
};

const end = (pid: number): void => {
  try {
    if (pid > 1) process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended meanwhile.
  }
};
