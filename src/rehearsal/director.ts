import { setTimeout as pause } from 'node:timers/promises';
import type { Card } from '../chat/card.ts';
import type { ScaledClock } from '../clock.ts';
import { assertNever } from '../domain/assert-never.ts';
import { changeName, deploymentName } from '../domain/change.ts';
import type { Policy } from '../domain/policy.ts';
import { day } from '../domain/time.ts';
import { listChanges } from '../store/changes.ts';
import { artifactBook } from './artifacts.ts';
import type { Answer, Bot } from './bot-process.ts';
import { createPace } from './pace.ts';
import type { Moment, Scenario, SystemReport } from './scenario.ts';
import type { Stage } from './stage.ts';
import { describeUnrest, dueUntil, isCalm, type Unrest, unrestAt } from './unrest.ts';

/** Whoever watches. `at` is the time on the rehearsal's clock. */
export interface Audience {
  said(at: Date, person: string, words: string, answer: Answer, refused: boolean): void;
  reported(at: Date, report: SystemReport, artifact: string, refusal: string | undefined): void;
  broke(at: Date, moment: Extract<Moment, { kind: 'break' }>): void;
  botKilled(at: Date, running: readonly string[]): void;
  botStarted(at: Date): void;
  /** All that was to be said at this moment has been said. */
  calm(at: Date): Promise<void>;
}

/** What was promised to whom: the laws are checked against it. */
export interface Acknowledged {
  /** Ids of requests that were answered; `refused`: with a no that is on the record. */
  readonly requests: readonly {
    readonly id: string;
    readonly person: string;
    readonly words: string;
    readonly refused: boolean;
  }[];
  /** Ids of reports that were answered with 200. */
  readonly reports: readonly string[];
  readonly restarts: number;
  /** Moments of the script that never came to pass, in words. */
  readonly missed: readonly string[];
}

export interface Play {
  readonly stage: Stage;
  readonly policy: Policy;
  readonly scenario: Scenario;
  readonly clock: ScaledClock;
  /** On the clock. */
  readonly until: Date;
  /** What `<train>` stands for. */
  readonly train: string;
  /** Seconds on the clock in one real second, at most, while deployments run; idle time is leapt over. */
  readonly speed: number;
  readonly audience: Audience;
  /** The card that is shown of a change. */
  readonly cardOf: (change: string) => Card | undefined;
  readonly startBot: () => Promise<Bot>;
  readonly signal: AbortSignal;
}

/** Real milliseconds. */
const glanceMs = 25;
const sweepEveryMs = 400;
/** Nothing takes that long: whoever waits longer says what for. */
const patienceMs = 240_000;
/** How long a stroke of fate waits for a moment at which nothing is being sent: what was, is sent again later. */
const courtesyMs = 600;

/** Plays the whole scenario. Rejects when the bot cannot be brought to do its part. */
export const play = async (given: Play): Promise<Acknowledged> => {
  const { stage, policy, clock, until, audience, signal } = given;
  const { db } = stage.store;
  const artifacts = artifactBook();
  const pace = createPace(clock, given.speed);
  const requests: Acknowledged['requests'][number][] = [];
  const reports: string[] = [];
  const missed: string[] = [];
  const script = [...given.scenario.moments];
  /** Strokes of fate that wait for their condition. */
  let kills: readonly Extract<Moment, { kind: 'kill' }>[] = [];
  let dueSince: number | undefined;
  let restarts = 0;
  let bot = await given.startBot();
  const unsubscribe = clock.onChange((state) => bot.setClock(state));

  let lastSweep = 0;
  const sweep = (): void => {
    if (performance.now() - lastSweep < sweepEveryMs) return;
    lastSweep = performance.now();
    bot.sweep();
  };
  const glance = async (): Promise<Unrest> => {
    signal.throwIfAborted();
    await pause(glanceMs, undefined, { signal });
    return unrestAt(stage.store, clock.now());
  };

  /** Until all that is due has been done and shown. While deployments run, cards change all the time: not then. */
  const settle = async (): Promise<Unrest> => {
    const began = performance.now();
    lastSweep = 0;
    sweep();
    for (let calm = 0; ; ) {
      const unrest = await glance();
      const isQuiet = isCalm(unrest) && (await bot.countJobs()) === 0;
      calm = isQuiet ? calm + 1 : 0;
      const isBusy = unrest.deployments.length > 0 && unrest.overdue === 0;
      // Twice, with a pause: a bell is rung a moment after the commit that it tells of.
      if (calm === 2 || isBusy) {
        await audience.calm(clock.now());
        return unrest;
      }
      if (!isQuiet) sweep();
      if (performance.now() - began > patienceMs)
        throw new Error(`the bot does not come to rest: ${describeUnrest(unrest)}`);
    }
  };

  const restart = async (running: readonly string[]): Promise<void> => {
    await bot.kill();
    restarts += 1;
    audience.botKilled(clock.now(), running);
    bot = await given.startBot();
    audience.botStarted(clock.now());
    bot.sweep();
  };

  const next = async (): Promise<Date> => {
    const now = clock.now();
    // What is still under way at the end is played to its end.
    const end = now < until ? until : new Date(now.getTime() + day);
    const due = (await dueUntil({ db }, end)).find((at) => at > now);
    const times = [script[0]?.at, due, end].flatMap((at) => at?.getTime() ?? []);
    return new Date(Math.min(...times));
  };

  /** Lets the clock run until the deployments are done or something else is due. */
  const runOn = async (): Promise<void> => {
    const limit = await next();
    pace.rest();
    let shown = '';
    let last = { standing: '', since: performance.now() };
    while (clock.now() < limit) {
      const unrest = await glance();
      if (unrest.deployments.length === 0) return;
      const due = kills.find(({ running }) => unrest.steps.length >= running);
      if (due !== undefined) {
        dueSince ??= performance.now();
        const isLate = performance.now() - dueSince > courtesyMs;
        if (isLate || (isCalm(unrest) && (await bot.countJobs()) === 0)) {
          kills = kills.filter((kill) => kill !== due);
          dueSince = undefined;
          await restart(unrest.deployments.map(({ id, service }) => `${deploymentName(id)} (${service})`));
          pace.rest();
        }
      }
      pace.advance(limit, unrest);
      sweep();
      const standing = unrest.deployments.map(({ id, state }) => `${id} ${state}`).join();
      const steps = unrest.steps.map(({ run }) => run.id).join();
      if (last.standing !== `${standing} ${steps}`)
        last = { standing: `${standing} ${steps}`, since: performance.now() };
      if (performance.now() - last.since > patienceMs)
        throw new Error(`deployments do not go on: ${describeUnrest(unrest)}`);
      if (standing === shown || !isCalm(unrest)) continue;
      await audience.calm(clock.now());
      shown = standing;
    }
  };

  const changeOf = async (service: string): Promise<string | undefined> => {
    const found = (await listChanges(db, { service })).at(-1);
    return found && changeName(found.id);
  };
  const spoken = async (text: string): Promise<string> => {
    let words = text.replaceAll('<train>', given.train);
    for (const [placeholder, service = ''] of text.matchAll(/<([^<>\s]+)>/g))
      words = words.replaceAll(placeholder, (await changeOf(service)) ?? placeholder);
    return words;
  };
  const hear = async (at: Date, person: string, words: string, answer: Answer): Promise<void> => {
    const refusal = db.selectFrom('request').select('id').where('id', '=', `${answer.id}/refused`);
    const refused = (await refusal.executeTakeFirst()) !== undefined;
    requests.push({ id: answer.id, person, words, refused });
    audience.said(at, person, words, answer, refused);
  };

  const enact = async (moment: Moment): Promise<void> => {
    const at = clock.now();
    switch (moment.kind) {
      case 'say': {
        const words = await spoken(moment.text);
        return hear(at, moment.person, words, await bot.say(moment.person, words));
      }
      case 'press': {
        const subject = (await changeOf(moment.service)) ?? moment.service;
        const button = given.cardOf(subject)?.buttons.find(({ label }) => label === moment.label);
        if (button === undefined) {
          missed.push(`${moment.person} found no button "${moment.label}" on the card of ${subject}`);
          return;
        }
        const answer = await bot.press(moment.person, button);
        return hear(at, moment.person, `[${button.label}] on ${subject}`, answer);
      }
      case 'report': {
        const [first, ...rest] = artifacts.bodiesOf(moment.report, policy);
        let refusal: string | undefined;
        for (const body of first === undefined ? [] : [first, ...rest]) {
          const { status, body: said } = await bot.report(body, at);
          if (status === 200) reports.push(body.id);
          else if (status === 400) refusal ??= said;
          else throw new Error(`a report was answered with ${status}: ${said}`);
        }
        return audience.reported(at, moment.report, first?.artifact ?? '', refusal);
      }
      case 'break':
        audience.broke(at, moment);
        return stage.break(moment.service, moment.verb, moment.reason);
      case 'kill':
        kills = [...kills, moment];
        return;
      default:
        return assertNever(moment);
    }
  };

  try {
    let unrest = await settle();
    while (clock.now() < until || unrest.deployments.length > 0) {
      if (unrest.deployments.length > 0) await runOn();
      else clock.leap(await next());
      for (let moment = script[0]; moment !== undefined && moment.at <= clock.now(); moment = script[0]) {
        script.shift();
        await enact(moment);
        // What follows may press a button that this has just drawn.
        if (moment.kind !== 'report' && moment.kind !== 'kill') await settle();
      }
      unrest = await settle();
    }
  } finally {
    unsubscribe();
    await bot.kill();
  }
  for (const { running } of kills)
    missed.push(`the bot was not killed: never were ${running} steps under way at once`);
  return { requests, reports, restarts, missed };
};
