import { connect } from 'node:net';

/** HAProxy 2.x management guide, `show servers state`, version 1. */
export interface HaproxyServer {
  readonly name: string;
  /** It serves; one that has just been let in counts as up until a check says otherwise. */
  readonly isUp: boolean;
  /** Its checks found it down. */
  readonly isDown: boolean;
  /** Absent: it has no checks. Grows with every check that passes, up to `rise + fall - 1`. */
  readonly health?: number;
  /** An administrator lets it take new requests. */
  readonly isReady: boolean;
}

/** Administrative states that keep new requests away: forced or inherited maintenance or drain, unresolved name. */
const keptAway = 0x01 | 0x02 | 0x08 | 0x10 | 0x20;
const [stopped, running] = [0, 2];
/** Bit of the check's state: there is one. (0x01 is that one is under way.) */
const checked = 0x02;

/** One command on a connection of its own. Rejects when HAProxy is not there or does not answer. */
export const haproxyCommand = (socket: string, command: string, timeoutMs = 5_000): Promise<string> =>
  new Promise((resolve, reject) => {
    const tcp = /^([^/]+):(\d+)$/.exec(socket);
    const connection =
      tcp === null ? connect({ path: socket }) : connect({ host: tcp[1] ?? '', port: Number(tcp[2]) });
    let text = '';
    connection.setTimeout(timeoutMs, () => connection.destroy(new Error('it does not answer')));
    connection.setEncoding('utf8');
    connection.on('data', (data) => {
      text += data;
    });
    connection.on('error', reject);
    connection.on('close', () => resolve(text.trim()));
    connection.write(`${command}\n`);
  });

export const haproxyServers = async (
  socket: string,
  backend: string,
): Promise<ReadonlyMap<string, HaproxyServer>> => {
  const answer = await haproxyCommand(socket, `show servers state ${backend}`);
  const [version, header = '', ...rows] = answer.split('\n');
  if (version?.trim() !== '1' || !header.startsWith('#'))
    throw new Error(answer.slice(0, 200) || 'it says nothing');
  const columns = header.slice(1).trim().split(' ');
  const at = (name: string): number => columns.indexOf(name);
  return new Map(
    rows.map((row) => {
      const fields = row.split(' ');
      const name = fields[at('srv_name')] ?? '';
      const admin = Number(fields[at('srv_admin_state')]);
      const state = Number(fields[at('srv_op_state')]);
      const hasChecks = (Number(fields[at('srv_check_state')]) & checked) !== 0;
      const server: HaproxyServer = {
        name,
        isUp: state === running,
        isDown: state === stopped,
        isReady: (admin & keptAway) === 0,
        ...(hasChecks ? { health: Number(fields[at('srv_check_health')]) } : {}),
      };
      return [name, server] as const;
    }),
  );
};
