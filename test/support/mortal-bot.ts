/** A whole bot as a process of its own, to be killed: `mortal-bot.ts SETTINGS`. Says `ready` on stdout once it serves. */
import { scaledClock } from '../../src/clock.ts';
import { silentLog } from '../../src/log.ts';
import { startSignalbox } from '../../src/main.ts';
import { openPolicy } from '../../src/policy/current.ts';
import { Secret } from '../../src/settings.ts';

const { databaseUrl, redisUrl, folder, policyFile, from, stepEnvironment, twilio } = JSON.parse(
  process.argv[2] ?? '{}',
);
const clock = scaledClock({ origin: new Date(from), pace: 1 });
const opened = openPolicy(policyFile, clock);
if (!opened.ok) throw new Error('the policy has faults');
await startSignalbox({
  settings: {
    databaseUrl: new Secret(databaseUrl),
    dataFolder: folder,
    ...(redisUrl === undefined ? {} : { redisUrl: new Secret(redisUrl) }),
    policyFile,
    host: '127.0.0.1',
    port: 0,
    ...(twilio === undefined ? {} : { twilio: { ...twilio, authToken: new Secret('of the test') } }),
  },
  policy: opened.current,
  log: silentLog,
  clock,
  platforms: new Map(),
  stepEnvironment,
  sweepEveryMs: 250,
});
process.stdout.write('ready\n');
