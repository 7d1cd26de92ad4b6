/** A process to be killed: takes jobs, says so on stdout, and never finishes them. Runs what `npm run build` made. */
import { setInterval } from 'node:timers';
import { silentLog } from '../../dist/src/log.js';
import { connectQueue } from '../../dist/src/queue/backend.js';
import { createBell } from '../../dist/src/queue/bell.js';
import { startWorkers } from '../../dist/src/queue/workers.js';

const { settings, rules } = JSON.parse(process.argv[2]);
const backend = await connectQueue(settings, silentLog);
const never = (name) => () => {
  process.stdout.write(`${name} runs\n`);
  return new Promise(() => {});
};
setInterval(() => {}, 60_000);
startWorkers(
  backend,
  { 'ring-deadline': never('ring-deadline'), 'run-deployment': never('run-deployment') },
  {
    bell: createBell(backend, { now: () => new Date(0), msUntil: () => 0 }, silentLog),
    log: silentLog,
    rules,
  },
);
