#!/usr/bin/env node
import { readFileSync, writeFileSync } from 'node:fs';
import { Command, CommanderError, Option } from 'commander';
import { stringify } from 'yaml';
import { handlers } from '../handlers/index.ts';
import { auditPacketCommand, auditWhyCommand } from './cli/audit.ts';
import { checkCommand } from './cli/check.ts';
import { auditVerifyCommand, migrateCommand, type Outcome } from './cli/database.ts';
import { describeFailure } from './cli/failure.ts';
import { manifestSlackCommand } from './cli/manifest-slack.ts';
import { manifestTeamsCommand } from './cli/manifest-teams.ts';
import { oncallCommand } from './cli/oncall.ts';
import { planCommand } from './cli/plan.ts';
import { policyAcceptCommand } from './cli/policy.ts';
import { readPolicyFile } from './cli/policy-file.ts';
import { rehearseCommand } from './cli/rehearse.ts';
import { reportCommand } from './cli/report.ts';
import { startCommand } from './cli/start.ts';
import { teamsLocalCommand } from './cli/teams-local.ts';
import { timetableCommand } from './cli/timetable.ts';
import { packageVersion } from './cli/version.ts';
import { systemClock } from './clock.ts';
import type { Log } from './log.ts';
import { startSignalbox } from './main.ts';
import { policyDocs } from './policy/docs.ts';
import { policyJsonSchema } from './policy/schema.ts';
import { readSettings, type Settings } from './settings.ts';

// Wall-clock rules are resolved in the policy's zone; nothing may depend on the host's.
process.env['TZ'] = 'UTC';

const print = (text: string): void => void process.stdout.write(`${text}\n`);
const settings = (): Settings => readSettings(process.env);

/** For short commands: what matters goes to stderr, one line each. */
const stderrLog: Log = {
  info: () => undefined,
  warn: (_facts, message) => void process.stderr.write(`${message}\n`),
  error: (_facts, message) => void process.stderr.write(`${message}\n`),
};

const report = (outcome: Pick<Outcome, 'text' | 'json' | 'exit'>, json: boolean | undefined): void => {
  print(json === true ? JSON.stringify(outcome.json, null, 2) : outcome.text);
  process.exitCode = outcome.exit;
};

const program = new Command('signalbox')
  .description("Runs a company's release week from chat.")
  .showHelpAfterError('(add --help for more)')
  .exitOverride();

const policyOption = (): Option =>
  new Option('--policy <file>', 'the policy file').env('SIGNALBOX_POLICY').default('signalbox.yaml');
const jsonOption = (): Option => new Option('--json', 'print JSON on stdout');

program
  .command('start')
  .description('run the bot: HTTP server, chat platforms, workers')
  .addOption(new Option('--only <part>', 'run one part in this process').choices(['web', 'jobs']))
  .addOption(new Option('--policy <file>', 'the policy file (default: SIGNALBOX_POLICY, or signalbox.yaml)'))
  .action(async ({ only, policy }: { only?: 'web' | 'jobs'; policy?: string }) => {
    const given = settings();
    process.exitCode = await startCommand({
      settings: policy === undefined ? given : { ...given, policyFile: policy },
      ...(only === undefined ? {} : { only }),
      start: startSignalbox,
    });
  });

program
  .command('teams-local')
  .description('try the bot in a Teams-like page on this machine, without any account')
  .addOption(policyOption())
  .option('--playground-port <n>', 'of the page', Number, 56_150)
  .action(async ({ policy, playgroundPort }: { policy: string; playgroundPort: number }) => {
    const given = { ...settings(), policyFile: policy };
    process.exitCode = await teamsLocalCommand({
      settings: given,
      start: startSignalbox,
      playgroundPort,
      print,
    });
  });

program
  .command('rehearse')
  .description('play a whole release week on a fast clock, on real parts')
  .addOption(policyOption())
  .option('--from <date>', 'a day of the week to play', '2026-11-23')
  .option('--speed <n>', 'how fast the clock runs while something happens', Number)
  .addOption(jsonOption())
  .action(async (options: { policy: string; from: string; speed?: number; json?: boolean }) => {
    process.exitCode = await rehearseCommand(options);
  });

program
  .command('check')
  .description('validate a policy; print every fault as file:line:column path: message')
  .argument('<file>', 'the policy file')
  .addOption(jsonOption())
  .action((file: string, { json }: { json?: boolean }) =>
    report(checkCommand(file, systemClock.now()), json),
  );

program
  .command('timetable')
  .description('every reminder, cutoff, meeting, window and freeze, in order')
  .addOption(policyOption())
  .requiredOption('--from <date>', 'a date in the policy’s zone, or an ISO instant')
  .requiredOption('--to <date>', 'a date (to its end), or an ISO instant')
  .addOption(jsonOption())
  .action((options: { policy: string; from: string; to: string; json?: boolean }) =>
    print(timetableCommand(readPolicyFile(options.policy), options)),
  );

program
  .command('plan')
  .description('the deployment plan: waves, cycles, critical path, makespan')
  .addOption(policyOption())
  .option('--changes <file>', 'a YAML or JSON list of {service, version?, dependsOn?}')
  .addOption(jsonOption())
  .action((options: { policy: string; changes?: string; json?: boolean }) => {
    const changes = options.changes === undefined ? undefined : readFileSync(options.changes, 'utf8');
    print(planCommand(readPolicyFile(options.policy), changes, options));
  });

program
  .command('oncall')
  .description('who is on call, and why, by the policy alone')
  .addOption(policyOption())
  .requiredOption('--at <time>', 'an ISO instant')
  .option('--schedule <name>', 'one schedule; without it, all of them')
  .addOption(jsonOption())
  .action((options: { policy: string; at: string; schedule?: string; json?: boolean }) =>
    print(oncallCommand(readPolicyFile(options.policy), options)),
  );

program
  .command('report')
  .description('how on-call duty went: time to answer and to the end, what did not arrive, who was woken')
  .addOption(policyOption())
  .requiredOption('--from <date>', 'a date in the policy’s zone, or an ISO instant')
  .requiredOption('--to <date>', 'a date (to its end), or an ISO instant')
  .addOption(jsonOption())
  .action(async (options: { policy: string; from: string; to: string; json?: boolean }) =>
    report(await reportCommand(settings(), stderrLog, readPolicyFile(options.policy), options), options.json),
  );

program
  .command('schema')
  .description('print the JSON Schema of the policy')
  .action(() => print(JSON.stringify(policyJsonSchema(), null, 2)));

const manifest = program
  .command('manifest')
  .description('what an administrator installs in the chat platform');

/** What `manifests/slack.yaml` holds, for an address of one's own. */
const slackManifestText = (given: Pick<Settings, 'publicUrl'>, options: { socket?: boolean }): string =>
  stringify(manifestSlackCommand(given, handlers, options), { lineWidth: 0 });

manifest
  .command('slack')
  .description('print the app manifest for Slack; its addresses are under PUBLIC_URL')
  .option('--socket', 'for Socket Mode, which needs no address')
  .addOption(jsonOption())
  .action((options: { socket?: boolean; json?: boolean }) =>
    print(
      options.json === true
        ? JSON.stringify(manifestSlackCommand(settings(), handlers, options), null, 2)
        : slackManifestText(settings(), options).trimEnd(),
    ),
  );

manifest
  .command('teams')
  .description('write the app package for Microsoft Teams: manifest and icons in a zip')
  .option('--app-id <guid>', 'of the bot’s registration (default: MicrosoftAppId)')
  .option('--out <file>', 'the zip', 'signalbox-teams.zip')
  .addOption(new Option('--json', 'print the manifest on stdout instead'))
  .action((options: { appId?: string; out: string; json?: boolean }) =>
    print(manifestTeamsCommand(settings(), { commands: handlers, version: packageVersion() }, options)),
  );

program
  .command('migrate')
  .description("bring the database's schema up to date")
  .addOption(jsonOption())
  .action(async ({ json }: { json?: boolean }) => report(await migrateCommand(settings(), stderrLog), json));

const audit = program.command('audit').description('the record of every change of state');

audit
  .command('verify')
  .description('recompute the hash chain, and hold it to the signed checkpoints')
  .option('--checkpoints <file>', 'signed checkpoints (default: those of the data folder)')
  .option('--key <file>', 'the key to verify them by (default: audit-key.pub of the data folder)')
  .addOption(jsonOption())
  .action(async ({ json, ...proofs }: { json?: boolean; checkpoints?: string; key?: string }) =>
    report(await auditVerifyCommand(settings(), stderrLog, proofs), json),
  );

audit
  .command('why')
  .description('replay the decision that let a deployment start, from what it was decided by')
  .argument('<DEP-n>', 'the deployment')
  .addOption(policyOption())
  .addOption(jsonOption())
  .action(async (deployment: string, { json, policy }: { json?: boolean; policy: string }) => {
    const { timezone } = readPolicyFile(policy);
    report(await auditWhyCommand(settings(), stderrLog, deployment, timezone), json);
  });

audit
  .command('packet')
  .description('write what an auditor asks for about a train: Markdown and JSON')
  .requiredOption('--train <train>', 'such as weekly-2026-W48')
  .option('--out <folder>', 'where to write', '.')
  .addOption(policyOption())
  .addOption(jsonOption())
  .action(async (options: { train: string; out: string; json?: boolean; policy: string }) => {
    const zone = readPolicyFile(options.policy).timezone;
    report(
      await auditPacketCommand(settings(), stderrLog, options.train, { folder: options.out, zone }),
      options.json,
    );
  });

program
  .command('policy')
  .description('changes of the policy that wait for signatures')
  .command('accept')
  .description('put one into force without its signatures; who and why stand on the record')
  .argument('<POL-n>', 'the change of the policy')
  .requiredOption('--reason <text>', 'why its signatures cannot be waited for')
  .addOption(jsonOption())
  .action(async (name: string, { reason, json }: { reason: string; json?: boolean }) =>
    report(await policyAcceptCommand(settings(), stderrLog, { policy: name, reason }), json),
  );

program.command('docs', { hidden: true }).action(() => {
  for (const { path, text } of policyDocs()) writeFileSync(path, text);
  writeFileSync('manifests/slack.yaml', slackManifestText({}, {}));
});

try {
  await program.parseAsync();
} catch (error) {
  if (error instanceof CommanderError) {
    process.exitCode = error.exitCode === 0 ? 0 : 2;
  } else {
    process.stderr.write(`${describeFailure(error)}\n`);
    process.exitCode = 1;
  }
}
