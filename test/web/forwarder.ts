import { connect, createServer, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';

/** A port of its own that leads to whatever port it is told, like a database that moves to another server. */
export const openForwarder = async (): Promise<{ readonly port: number; leadTo(port: number): void }> => {
  let target: number | undefined;
  const sockets = new Set<Socket>();
  const server = createServer((near) => {
    if (target === undefined) return void near.destroy();
    const far = connect(target, '127.0.0.1');
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(one);
      one.on('error', () => other.destroy());
      one.on('close', () => {
        sockets.delete(one);
        other.destroy();
      });
      one.pipe(other);
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return {
    port: address.port,
    leadTo: (port) => {
      target = port;
    },
  };
};
