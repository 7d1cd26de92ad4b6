import { approval } from './approval.ts';
import { audit } from './audit.ts';
import { cutoff } from './cutoff.ts';
import { lateness } from './lateness.ts';
import { makespan } from './makespan.ts';
import { paging } from './paging.ts';
import { plan } from './plan.ts';
import { proof } from './proof.ts';
import { readings } from './readings.ts';
import { type Server, startServer } from './server.ts';
import { slackClick } from './slack-click.ts';
import { spawn } from './spawn.ts';
import { step } from './steps.ts';
import { type Row, table } from './support.ts';
import { teamsClick } from './teams-click.ts';
import { timetable } from './timetable.ts';

const measures: Readonly<Record<string, (server: Server) => Promise<readonly Row[]>>> = {
  approval,
  audit,
  cutoff,
  timetable,
  plan,
  makespan,
  spawn,
  steps: step,
  lateness,
  proof,
  readings,
  paging,
  'slack-click': slackClick,
  'teams-click': teamsClick,
};

const named = process.argv.slice(2);
const unknown = named.filter((name) => !Object.hasOwn(measures, name));
if (unknown.length > 0) {
  process.stderr.write(
    `No such measure: ${unknown.join(', ')}. There are: ${Object.keys(measures).join(', ')}.\n`,
  );
  process.exit(2);
}

const server = await startServer();
try {
  const rows: Row[] = [];
  for (const [name, measure] of Object.entries(measures)) {
    if (named.length > 0 && !named.includes(name)) continue;
    process.stderr.write(`${name} …\n`);
    rows.push(...(await measure(server)));
  }
  process.stdout.write(`${table(rows)}\n`);
} finally {
  await server.stop();
}
