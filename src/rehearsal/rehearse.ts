import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { scaledClock, systemClock } from '../clock.ts';
import type { Policy } from '../domain/policy.ts';
import { refuse } from '../domain/refusal.ts';
import { isLocalDate, isoWeekOf, type LocalDate, minute, mondayOf, resolveLocal } from '../domain/time.ts';
import { type Train, trainEnds, trainToBoard } from '../domain/train.ts';
import type { Log } from '../log.ts';
import { openPolicy } from '../policy/current.ts';
import { formatFault } from '../policy/fault.ts';
import { type Bot, startBot } from './bot-process.ts';
import { type Acknowledged, play } from './director.ts';
import { eventOf, type RehearsalEvent } from './events.ts';
import { generateScenario } from './generate.ts';
import { type Breach, checkLaws, lawLines } from './laws.ts';
import { withProgram } from './program.ts';
import { auditSince, type Rehearsed, readRehearsed } from './rehearsed.ts';
import { readScenario, type Scenario } from './scenario.ts';
import { type Stage, setStage } from './stage.ts';
import { type Summary, summarize, summaryLines } from './summary.ts';
import { createTranscript, type Transcript } from './transcript.ts';

export interface RehearsalOptions {
  readonly policy: string;
  /** A day of the week to play, in the policy's zone. Default 2026-11-23. */
  readonly from?: string;
  /** Seconds on the clock in one real second, at most, while deployments run. Default 60. */
  readonly speed?: number;
  /** One event a line on stdout instead of the transcript. */
  readonly json?: boolean;
  /** Seconds that each call of a deployment program takes. Default 0.5. */
  readonly pace?: number;
}

const stderrLog: Log = {
  info: () => undefined,
  warn: () => undefined,
  error: (_facts, message) => void process.stderr.write(`${message}\n`),
};

/** Plays a week; `write` gets what belongs on stdout. Resolves to the exit code. */
export const rehearse = async (
  options: RehearsalOptions,
  write: (text: string) => void,
  signal: AbortSignal,
): Promise<number> => {
  const { from = '2026-11-23', speed = 60, json = false } = options;
  if (!isLocalDate(from))
    refuse({ code: 'bad-time', facts: { option: '--from', text: from, expected: ['2026-11-23'] } });
  if (!(speed > 0 && Number.isFinite(speed)))
    refuse({ code: 'bad-speed', facts: { option: '--speed', text: String(speed) } });
  const file = orExample(options.policy);
  const own = readOwnPolicy(file);
  const monday = mondayOf(isoWeekOf(from));
  const train = trainOf(own, monday);
  const scenario = scenarioFor(file, own, monday, train);
  const began = performance.now();
  const stage = await setStage(stderrLog);
  try {
    const policy = scenario.ownPrograms ? own : withProgram(own, stage.program);
    const first = scenario.moments[0]?.at ?? resolveLocal(`${monday} 09:00`, own.timezone).at;
    const until = new Date(
      Math.max(trainEnds(train).getTime(), scenario.moments.at(-1)?.at.getTime() ?? 0) + minute,
    );
    const clock = scaledClock({ origin: new Date(first.getTime() - 10 * minute), pace: 1 });
    const transcript = createTranscript({
      write: json ? () => undefined : write,
      policy,
      color: !json && process.stdout.isTTY === true,
      now: clock.now,
    });
    introduce(transcript, file, own, scenario, train, speed);
    const events = json ? eventWriter(stage, policy, write) : undefined;
    const acknowledged = await play({
      stage,
      policy,
      scenario,
      clock,
      until,
      train: train.id,
      speed,
      signal,
      audience: events === undefined ? transcript : events.watching(transcript),
      cardOf: transcript.cardOf,
      startBot: (): Promise<Bot> =>
        startBot(
          {
            policyFile: file,
            ...(scenario.ownPrograms ? {} : { program: stage.program }),
            databaseUrl: stage.databaseUrl,
            dataFolder: join(stage.folder, 'data'),
            hookSecret: stage.hookSecret,
            clock: clock.state(),
            stepEnvironment: {
              SIGNALBOX_TARGET: stage.target,
              SIGNALBOX_PACE: String(options.pace ?? 0.5),
            },
          },
          transcript,
        ),
    });
    const rehearsed = await readRehearsed(stage, policy, train.id, acknowledged);
    const broken = [...checkLaws(rehearsed), ...promises(rehearsed, scenario, train, acknowledged)];
    const summary = summarize(rehearsed, acknowledged, {
      seconds: (performance.now() - began) / 1_000,
      laws: [...lawLines, 'shown everything that the script promises happened'],
      broken,
      missing: scenario.missing,
    });
    await events?.finish(clock.now(), summary);
    transcript.heading('SUMMARY');
    transcript.lines(summaryLines(summary, own));
    if (broken.length > 0)
      process.stderr.write(`${broken.map(({ law, text }) => `${law}: ${text}`).join('\n')}\n`);
    return broken.length === 0 ? 0 : 1;
  } finally {
    await stage.clear();
  }
};

/** Where nobody has a policy of their own yet, the example that comes with Signalbox is played. */
const orExample = (file: string): string => {
  if (existsSync(file) || file !== defaultPolicy) return file;
  const folders = ['../..', '../../..'].map((up) => join(import.meta.dirname, up));
  const example = folders
    .map((folder) => join(folder, 'examples/astronomy-shop/signalbox.yaml'))
    .find((path) => existsSync(path));
  return example === undefined ? file : relative(process.cwd(), example);
};

/** Of `--policy`. */
const defaultPolicy = 'signalbox.yaml';

const readOwnPolicy = (file: string): Policy => {
  const opened = openPolicy(file, systemClock);
  return opened.ok
    ? opened.current.get().policy
    : refuse({ code: 'faulty-policy', facts: { faults: opened.faults.map(formatFault) } });
};

/** The one that can still be boarded on the week's first morning. */
const trainOf = (policy: Policy, monday: LocalDate): Train =>
  trainToBoard(policy, resolveLocal(`${monday} 00:00`, policy.timezone).at) ??
  refuse({ code: 'unknown-train', facts: { train: monday } });

/** The script that lies beside the policy, or one that is made for it. */
const scenarioFor = (policyFile: string, policy: Policy, monday: LocalDate, train: Train): Scenario => {
  const file = join(dirname(policyFile), 'rehearsal.yaml');
  return existsSync(file)
    ? readScenario(readFileSync(file, 'utf8'), file, policy, monday)
    : generateScenario(policy, train);
};

const introduce = (
  transcript: Transcript,
  file: string,
  policy: Policy,
  scenario: Scenario,
  train: Train,
  speed: number,
): void => {
  transcript.paragraph(
    `A rehearsal of ${train.id} at ${policy.organization}: ${scenario.title}. The people are scripted; everything else ` +
      'is real: the bot is a process of its own, with PostgreSQL, its queue, signed HTTP hooks, and deployment programs ' +
      'that run as processes on files in a temporary folder. Only the clock is not: idle hours are leapt over, and ' +
      `while deployments run a second is ${speed === 60 ? 'a minute' : `${speed} seconds`}. Times are those of ${policy.timezone}.`,
  );
  transcript.paragraph(
    scenario.ownPrograms
      ? `The deployment programs are those of ${file}.`
      : `The deployment programs of ${file} are NOT run: a stand-in plays each step, so that nothing real is touched.`,
  );
  if (isShut(train))
    transcript.paragraph(`A freeze leaves no window of ${train.id} open: nothing can be deployed this week.`);
  if (scenario.missing.length > 0)
    transcript.paragraph(`What this policy is too small to show: ${scenario.missing.join('; ')}.`);
};

const isShut = (train: Train): boolean => train.windows.every(({ open }) => open.length === 0);

/** What the script promised to show, and what it could not do. */
const promises = (
  { entries }: Rehearsed,
  scenario: Scenario,
  train: Train,
  { missed }: Acknowledged,
): readonly Breach[] => {
  const kinds = new Set(entries.map(({ kind }) => kind));
  const absent = isShut(train) ? [] : scenario.expects.filter((kind) => !kinds.has(kind));
  return [
    ...absent.map((kind) => `nothing was ${kind.replaceAll('-', ' ')}`),
    ...(isShut(train) ? [] : missed),
  ].map((text) => ({ law: 'shown', text }));
};

/** Prints what the record says as soon as it is calm, and what happens to the bot. */
const eventWriter = (stage: Stage, policy: Policy, write: (text: string) => void) => {
  let seq = 0;
  const print = (event: RehearsalEvent): void => write(`${JSON.stringify(event)}\n`);
  const flush = async (): Promise<void> => {
    for (const row of await auditSince(stage, seq)) {
      seq = row.seq;
      print(eventOf(row.entry, policy));
    }
  };
  return {
    watching: (transcript: Transcript): Transcript => ({
      ...transcript,
      calm: async (at) => {
        await transcript.calm(at);
        await flush();
      },
      botKilled: (at, running) =>
        print({ at: at.toISOString(), kind: 'bot-killed', text: running.join(', ') }),
      botStarted: (at) => print({ at: at.toISOString(), kind: 'bot-started' }),
    }),
    finish: async (at: Date, summary: Summary): Promise<void> => {
      await flush();
      write(`${JSON.stringify({ at: at.toISOString(), kind: 'summary', ...summary })}\n`);
    },
  };
};
