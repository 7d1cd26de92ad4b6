import { mkdir } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { createAnswer, createForms } from '../handlers/answer.ts';
import { hooks } from '../handlers/hooks/index.ts';
import { handlers } from '../handlers/index.ts';
import { createJobs, createLossHandlers } from '../jobs/index.ts';
import { type SendingAtOnce, sendAtOnce } from '../jobs/send-at-once.ts';
import type { CommandSpec } from './chat/parse.ts';
import type { Platform, PlatformName } from './chat/platform.ts';
import type { Reply } from './chat/reply.ts';
import type { Request } from './chat/request.ts';
import { connectSlack, type Slack } from './chat/slack/connect.ts';
import { connectTeams, type Teams } from './chat/teams/connect.ts';
import { type Clock, systemClock } from './clock.ts';
import { rememberGroups } from './domain/group-roles.ts';
import type { Policy } from './domain/policy.ts';
import { createExecutors } from './executors/all.ts';
import { createCommandExecutor } from './executors/command.ts';
import { createWays } from './integrations/all.ts';
import { createNotary } from './integrations/notary.ts';
import { createAttestations } from './integrations/sigstore.ts';
import { createTrackers } from './integrations/trackers.ts';
import { type Log, withoutRepeats } from './log.ts';
import { answerLinks } from './operations/answer-link.ts';
import type { Context } from './operations/context.ts';
import { conversationsOf } from './operations/conversations.ts';
import { wantsEmail } from './operations/identify.ts';
import type { CurrentPolicy } from './policy/current.ts';
import type { Fault } from './policy/fault.ts';
import { connectQueue, type QueueBackend } from './queue/backend.ts';
import { createBell } from './queue/bell.ts';
import { startWorkers } from './queue/workers.ts';
import type { Settings } from './settings.ts';
import { stepSecrets } from './step-secrets.ts';
import { createArrivals } from './store/arrivals.ts';
import { startEmbedded } from './store/embedded.ts';
import { migrate } from './store/migrate.ts';
import { createPool, waitForDatabase } from './store/pool.ts';
import { createPresence } from './store/presence.ts';
import { createStepCalls } from './store/step-calls.ts';
import { createStore } from './store/store.ts';
import { adopting, attending, beating, following, tidying } from './upkeep.ts';
import { deploymentLink } from './web/deployment-page.ts';
import type { Ready } from './web/ready.ts';
import { createWeb } from './web/server.ts';
import { trainLink } from './web/train-page.ts';

export interface Options {
  readonly settings: Settings;
  readonly policy: CurrentPolicy;
  readonly log: Log;
  /** Default: the world's. */
  readonly clock?: Clock;
  /** What chat platforms this process posts to. */
  readonly platforms: ReadonlyMap<PlatformName, Platform>;
  /** Default: both. */
  readonly only?: 'web' | 'jobs';
  /** Real milliseconds between sweeps; a scaled clock wants it shorter. */
  readonly sweepEveryMs?: number;
  /** Environment variables that deployment steps may see. */
  readonly stepEnvironment?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
}

export interface Signalbox {
  readonly context: Context;
  readonly queue: QueueBackend;
  /** Of the HTTP server, as this machine reaches it. */
  readonly url: string;
  /** Every chat verb. */
  readonly commands: readonly CommandSpec[];
  answer(request: Request): Promise<Reply>;
  /** Reads the policy file again; a faulty one changes nothing. Returns its faults. */
  reloadPolicy(): Promise<readonly Fault[]>;
  /** Stops intake, lets jobs finish until the deadline, then lets go of everything. Running steps go on by themselves. */
  close(deadlineMs?: number): Promise<void>;
}

/** Wires everything there is to the database, the queue and the platforms, and sets it going. */
export const startSignalbox = async (options: Options): Promise<Signalbox> => {
  const { settings, policy, only, clock = systemClock } = options;
  const log = withoutRepeats(options.log);
  let ready: Ready | undefined;
  const slack = slackOf(options, log, clock);
  const teams = await teamsOf(options, log, clock);
  const chats = [slack, teams].filter((chat) => chat !== undefined);
  const platforms = new Map([
    ...options.platforms,
    ...chats.map(({ platform }) => [platform.name, platform] as const),
  ]);
  const undo: (() => Promise<unknown>)[] = [];
  const close = async (): Promise<void> => {
    for (const step of undo.splice(0).reverse())
      await step().catch((error: unknown) => log.warn({ err: error }, 'closing did not go smoothly'));
  };
  try {
    const web = createWeb({
      log,
      ready: () => ready,
      // Every process answers for its health; only those that take requests take hooks.
      hooks: only === 'jobs' ? [] : hooks,
      hookSecret: settings.hookSecret,
      alertKey: settings.alertKey,
      eventKey: settings.eventKey,
      githubSecret: settings.githubSecret,
      twilioToken: settings.twilio?.authToken,
      publicUrl: settings.publicUrl,
    });
    if (only !== 'jobs') for (const chat of chats) chat.mount(web.app);
    const listening = await web.listen(settings.host, settings.port);
    undo.push(() => listening.close());
    const dataFolder = resolve(settings.dataFolder);
    await mkdir(dataFolder, { recursive: true });
    const url = settings.databaseUrl?.reveal() ?? (await embedded(dataFolder, log, undo));
    await waitForDatabase(url, { log, ...(options.signal ? { signal: options.signal } : {}) });
    const pool = createPool(url, { max: 20, log });
    const store = createStore(pool);
    undo.push(() => store.close());
    await migrate(store.db);
    const queue = await connected(url, settings, log, options.signal);
    undo.push(() => queue.close());
    const presence = await createPresence(pool, log);
    undo.push(() => presence.close());
    const command = createCommandExecutor({ directory: join(dataFolder, 'steps'), environment: process.env });
    undo.push(tidying(command, log));
    const secret = stepSecrets(process.env);
    let sending: SendingAtOnce | undefined;
    const context: Context = {
      store,
      bell: createBell(queue, clock, log),
      clock,
      log,
      presence,
      arrivals: createArrivals(presence, log),
      policy: inForce(policy, slack),
      platforms: [...platforms.keys()],
      executors: createExecutors(command, {
        calls: createStepCalls(store.db),
        secret,
        publicUrl: settings.publicUrl,
        hookSecret: settings.hookSecret,
      }),
      notary: createNotary(dataFolder),
      attestations: createAttestations(),
      builderSecret: stepSecrets(process.env),
      trackers: createTrackers({ secret }),
      ...logLinks(settings),
      ...createWays(settings, { secret, clock }),
      ...(settings.publicUrl === undefined || settings.hookSecret === undefined
        ? {}
        : { answerLink: answerLinks(settings.publicUrl, settings.hookSecret) }),
      sendAtOnce: (send) => sending?.begin(send) === true,
      workFolder: resolve(dirname(policy.file)),
      stepEnvironment: options.stepEnvironment ?? {},
    };
    const adopt = adopting(context, policy, log);
    await adopt(policy.get());
    undo.push(following(context, policy, log));
    undo.push(await attending(context, log));
    slack?.remember(conversationsOf(context, 'slack'));
    teams?.remember(conversationsOf(context, 'teams'));
    if (only !== 'web') {
      const jobs = createJobs(context, platforms);
      const atOnce = sendAtOnce(jobs['send-page'], log);
      sending = atOnce;
      undo.push(() => atOnce.close());
      const workers = startWorkers(queue, jobs, {
        bell: context.bell,
        log,
        onLost: createLossHandlers(context),
        // The gate bounds what runs; a worker must never be what a rollback waits for (L9).
        concurrency: { deployments: 64 },
        ...(options.sweepEveryMs === undefined ? {} : { sweepEveryMs: options.sweepEveryMs }),
      });
      undo.push(() => workers.close(10_000));
      if (settings.heartbeatUrl !== undefined) undo.push(beating(context, settings.heartbeatUrl, log));
    }
    const answer = createAnswer(context);
    ready = { context, queue };
    for (const chat of chats) {
      if (only !== 'jobs')
        chat.start({
          answer,
          forms: createForms(context),
          commands: handlers,
          enter: context.arrivals.enter,
          wantsEmail: (actor) => wantsEmail(context.policy(), actor),
        });
      undo.push(() => chat.close());
    }
    // Taken off first: nothing new comes in while the rest is let go.
    undo.push(() => listening.close());
    return {
      context,
      queue,
      url: listening.url,
      commands: handlers,
      answer,
      reloadPolicy: async () => {
        const read = policy.read();
        if (!read.ok) return read.faults;
        await adopt(read);
        return [];
      },
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
};

/** Links open pages for whoever has them: only where the world reaches the server, and signed. */
const logLinks = ({ publicUrl, hookSecret }: Settings): Pick<Context, 'logLink'> =>
  publicUrl === undefined || hookSecret === undefined
    ? {}
    : { logLink: (deployment) => deploymentLink(deployment, publicUrl, hookSecret) };

const slackOf = ({ settings, policy }: Options, log: Log, clock: Clock): Slack | undefined =>
  settings.slack &&
  connectSlack({
    settings: settings.slack,
    log,
    now: clock.now,
    policy: () => {
      const { timezone, people, slackGroups = [] } = policy.get().policy;
      const groups = slackGroups.map(({ group }) => group);
      return { zone: timezone, people, groups, pageOf: pageOf(settings) };
    },
  });

/** Undefined without credentials: then Teams is off. */
const teamsOf = async ({ settings, policy }: Options, log: Log, clock: Clock): Promise<Teams | undefined> =>
  settings.teams &&
  connectTeams({
    settings: settings.teams,
    log,
    now: clock.now,
    pen: () => ({
      userOf: (person) => policy.get().policy.people.get(person)?.teams,
      pageOf: pageOf(settings),
    }),
  });

/** Whoever reads a card may read its train's page: the link is signed. */
const pageOf =
  ({ publicUrl, hookSecret }: Settings) =>
  (train: string): string | undefined =>
    publicUrl === undefined || hookSecret === undefined ? undefined : trainLink(train, publicUrl, hookSecret);

/** The policy file's, with the people whom Slack's user groups give a role. */
const inForce = (policy: CurrentPolicy, slack: Slack | undefined): (() => Policy) => {
  const apply = rememberGroups();
  return () => apply(policy.get().policy, slack?.membersOf ?? (() => undefined));
};

const embedded = async (dataFolder: string, log: Log, undo: (() => Promise<unknown>)[]): Promise<string> => {
  const database = await startEmbedded(dataFolder, { log });
  undo.push(() => database.stop());
  return database.url;
};

/** The queue's own server may be down at start: waited for as the database is. */
const connected = async (
  databaseUrl: string,
  settings: Settings,
  log: Log,
  signal?: AbortSignal,
): Promise<QueueBackend> => {
  const redisUrl = settings.redisUrl?.reveal();
  for (;;) {
    try {
      return await connectQueue({ databaseUrl, ...(redisUrl === undefined ? {} : { redisUrl }) }, log);
    } catch (error) {
      log.warn({ err: error }, 'The queue does not answer; trying again.');
      await pause(1_000, undefined, signal === undefined ? {} : { signal });
    }
  }
};
