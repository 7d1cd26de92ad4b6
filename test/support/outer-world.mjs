/**
 * The machine that a bot of the tests runs on: `node --import ./test/support/outer-world.mjs dist/src/cli.js start`. The
 * program is the real one; its clock is set by the test, over IPC, and the hosts of the internet are the test's servers.
 */
import http from 'node:http';
import https from 'node:https';
import { syncBuiltinESMExports } from 'node:module';
import { urlToHttpOptions } from 'node:url';

/** `{host: URL}` of the servers that stand in for hosts of the internet. */
const network = JSON.parse(process.env.TEST_NETWORK ?? '{}');

const World = Date;
/** Milliseconds. */
let ahead = Number(process.env.TEST_CLOCK_AHEAD ?? 0);
const now = () => World.now() + ahead;
globalThis.Date = new Proxy(World, {
  construct: (_, args, target) => Reflect.construct(World, args.length === 0 ? [now()] : args, target),
  apply: () => new World(now()).toString(),
  get: (_, key) => (key === 'now' ? now : Reflect.get(World, key)),
});
World.prototype.constructor = globalThis.Date;

process.on('message', ({ ahead: set }) => {
  ahead = set;
  process.send?.({ ahead: set });
});
process.channel?.unref();

https.request = (first, ...more) => {
  const isUrl = typeof first === 'string' || first instanceof URL;
  const given = isUrl ? { ...urlToHttpOptions(new URL(first)), ...more[0] } : first;
  const { agent: _agent, protocol: _protocol, port: _port, host, hostname = host, path, ...options } = given;
  const to = network[hostname];
  if (to === undefined) throw new Error(`no way to ${hostname} from here`);
  const { hostname: machine, port, pathname } = new URL(to);
  const callback = more.find((one) => typeof one === 'function');
  return http.request(
    { ...options, hostname: machine, port, path: `${pathname.replace(/\/$/, '')}${path}` },
    callback,
  );
};
https.get = (...args) => https.request(...args).end();
syncBuiltinESMExports();
