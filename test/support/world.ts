import { createHash } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { type TestClock, testClock } from '../../src/clock.ts';
import type { AuditEntry } from '../../src/domain/audit.ts';
import { type Change, changeName } from '../../src/domain/change.ts';
import type { Deployment } from '../../src/domain/deployment.ts';
import type { Notice } from '../../src/domain/notice.ts';
import type { Policy } from '../../src/domain/policy.ts';
import { type Refusal, Refused } from '../../src/domain/refusal.ts';
import { createCommandExecutor } from '../../src/executors/command.ts';
import { silentLog } from '../../src/log.ts';
import { armTimetable } from '../../src/operations/arm-timetable.ts';
import type { Context } from '../../src/operations/context.ts';
import { approveChange } from '../../src/operations/decide-change.ts';
import { decideGo } from '../../src/operations/decide-go.ts';
import { dispatchDeployments } from '../../src/operations/dispatch-deployments.ts';
import { type Report, recordEvidence } from '../../src/operations/record-evidence.ts';
import { ringDeadline } from '../../src/operations/ring-deadline.ts';
import { ringPage } from '../../src/operations/ring-page.ts';
import { runDeployment } from '../../src/operations/run-deployment.ts';
import { type Statement, stateEvidence } from '../../src/operations/state-evidence.ts';
import { type Submission, submitChange } from '../../src/operations/submit-change.ts';
import { sweep } from '../../src/operations/sweep.ts';
import { type Bell, ringIdentity } from '../../src/queue/bell.ts';
import type { JobName } from '../../src/queue/jobs.ts';
import { createArrivals } from '../../src/store/arrivals.ts';
import { auditAfter } from '../../src/store/audit.ts';
import { findChange } from '../../src/store/changes.ts';
import { deploymentOfChange } from '../../src/store/deployments.ts';
import { migrate } from '../../src/store/migrate.ts';
import { createPresence } from '../../src/store/presence.ts';
import { type Cause, createStore } from '../../src/store/store.ts';
import { type TestDatabase, testDatabase } from './postgres.ts';
import { policyOf, shop, trusted, week48 } from './shop.ts';

export const migrated = {
  name: 'signalbox_schema',
  prepare: async (url: string): Promise<void> => {
    const { createPool } = await import('../../src/store/pool.ts');
    const store = createStore(createPool(url, { max: 2, log: silentLog }));
    await migrate(store.db);
    await store.close();
  },
};

/** A bell that was rung, for whoever hears it. */
export interface Ring {
  readonly name: JobName;
  readonly payload: Readonly<Record<string, unknown>>;
  readonly at: Date | undefined;
  readonly identity: string;
}

/** The far end of the bell: remembers what was rung until it is taken. */
export interface RecordingBell extends Bell {
  /** Waiting, in order of ringing. */
  readonly rings: Ring[];
}

const recordingBell = (): RecordingBell => {
  const rings: Ring[] = [];
  const ring: Bell['ring'] = async (name, payload, options = {}) => {
    const identity = ringIdentity(name, payload, options);
    if (!rings.some((other) => other.identity === identity))
      rings.push({ name, payload, at: options.at, identity });
  };
  return { rings, ring, ringOrThrow: ring };
};

/**
 * Writes what it does into the ledger and then does what the test has laid down for it. `$1`: step, `$2`: service.
 */
const stepScript = `#!/bin/sh
echo "$2 $1 $SIGNALBOX_DEPLOYMENT $SIGNALBOX_ARTIFACT" >> "$LEDGER"
echo "$1 of $2"
[ ! -f "$BEHAVIOUR/$2.$1" ] || . "$BEHAVIOUR/$2.$1"
`;

export interface World {
  /** The bot. */
  readonly context: Context;
  readonly clock: TestClock;
  readonly bell: RecordingBell;
  readonly database: TestDatabase;
  /** Another instance of the bot on the same database, with a presence, connections and an executor of its own. */
  instance(over?: Partial<Context>): Promise<Context>;
  /** The policy in force from now on, for every instance; the timetable is armed by it. */
  reload(policy: Policy | string): Promise<void>;
  /** What the step of the service does after it has been written down: a piece of shell. */
  behave(service: string, step: string, script: string): void;
  /** `service step` of each process that began, in order. */
  ledger(): readonly string[];
  cause(person: string, request?: string): Cause;
  /** Runs what is rung and due until nothing is left. */
  pump(context?: Context): Promise<void>;
  /** Another far end: jobs of this name are done from now on instead of only being remembered. */
  hear(name: JobName, job: (payload: Ring['payload']) => Promise<void>): void;
  /** Goes on to the instant, stopping wherever a bell is due. With `sweeps`, the minutely sweep too. */
  advance(to: Date | string, sweeps?: boolean): Promise<void>;
  sweep(): Promise<void>;
  audit(kind?: AuditEntry['kind']): Promise<readonly AuditEntry[]>;
  notices(): Promise<readonly (Notice & { readonly lane: string })[]>;

  submit(person: string, service: string, more?: Partial<Submission>): Promise<string>;
  evidence(report: Omit<Report, 'source' | 'outcome'> & Partial<Report>, request?: string): Promise<void>;
  build(service: string, version: string, more?: Partial<Report>): Promise<string>;
  state(
    person: string,
    change: string,
    statement: Partial<Statement> & { kind: Statement['kind'] },
  ): Promise<void>;
  approve(person: string, change: string): Promise<void>;
  go(subject: string, person?: string): Promise<void>;
  /** Everything that the first cutoff asks for. */
  passInTest(change: string): Promise<void>;
  /** Everything that the second one asks for. */
  passReady(change: string): Promise<void>;
  /** Changes of these services, all papers in order, after the second cutoff of week 48. */
  toMeeting(...services: string[]): Promise<readonly string[]>;
  /** Changes of these services, all papers in order, after the second cutoff of week 48, with a go. */
  toGo(...services: string[]): Promise<readonly string[]>;
  change(name: string): Promise<Change>;
  deployment(change: string): Promise<Deployment>;
}

/** Bytes that differ with the words. */
export const digest = (...words: readonly string[]): string =>
  `sha256:${createHash('sha256').update(words.join(' ')).digest('hex')}`;

/** The refusal that it ends with; anything else is thrown. */
export const refusalOf = async (attempt: Promise<unknown>): Promise<Refusal> => {
  try {
    await attempt;
  } catch (error) {
    if (error instanceof Refused) return error.refusal;
    throw error;
  }
  throw new Error('it was not refused');
};

const far: readonly JobName[] = ['deliver-notices', 'refresh-card', 'send-page', 'sweep'];

export const createWorld = async ({
  policy: first = shop(),
  start = week48.monday,
  over = {},
  platforms = ['console'],
  server,
}: {
  readonly policy?: Policy | string;
  readonly start?: Date | string;
  /** Of the bot's context. */
  readonly over?: Partial<Context>;
  readonly platforms?: Context['platforms'];
  /** URL of a PostgreSQL other than the run's. */
  readonly server?: string;
} = {}): Promise<World> => {
  const database = await testDatabase(migrated, server);
  const folder = mkdtempSync(join(tmpdir(), 'signalbox-world-'));
  const ledgerFile = join(folder, 'ledger');
  const behaviour = join(folder, 'behaviour');
  mkdirSync(behaviour);
  writeFileSync(ledgerFile, '');
  writeFileSync(join(folder, 'step.sh'), stepScript);
  chmodSync(join(folder, 'step.sh'), 0o755);

  let policy = typeof first === 'string' ? policyOf(first) : first;
  const clock = testClock(start);
  const bell = recordingBell();
  const store = createStore(database.pool);
  const presences: { close(): Promise<void> }[] = [];
  onTestFinished(async () => {
    await Promise.all(presences.map((presence) => presence.close()));
    await database.drop();
    rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
  });

  const instance: World['instance'] = async (over = {}) => {
    const presence = await createPresence(database.pool, silentLog);
    presences.push(presence);
    return {
      store,
      bell,
      clock,
      log: silentLog,
      presence,
      arrivals: createArrivals(presence, silentLog),
      policy: () => policy,
      platforms,
      executors: {
        command: createCommandExecutor({
          directory: join(folder, 'runs'),
          environment: process.env,
          graceMs: 300,
        }),
      },
      workFolder: folder,
      stepEnvironment: { LEDGER: ledgerFile, BEHAVIOUR: behaviour },
      ...over,
    };
  };
  const context = await instance(over);

  const heard = new Map<JobName, (payload: Ring['payload']) => Promise<void>>();
  const isFar = (name: JobName): boolean => far.includes(name) && !heard.has(name);
  const hear = async (by: Context, { name, payload }: Ring): Promise<void> => {
    const job = heard.get(name);
    if (job !== undefined) await job(payload);
    else if (name === 'ring-page') await ringPage(by, Number(payload['id']));
    else if (name === 'ring-deadline') await ringDeadline(by, Number(payload['id']));
    else if (name === 'dispatch-deployments') await dispatchDeployments(by, String(payload['train']));
    else if (name === 'run-deployment') await runDeployment(by, Number(payload['id']));
  };
  const isDue = ({ name, at }: Ring): boolean => !isFar(name) && (at === undefined || at <= clock.now());

  const pump: World['pump'] = async (by = context) => {
    for (;;) {
      const next = bell.rings.findIndex(isDue);
      const [ring] = next === -1 ? [] : bell.rings.splice(next, 1);
      if (ring === undefined) return;
      await hear(by, ring);
    }
  };
  const advance: World['advance'] = async (to, sweeps = false) => {
    const end = new Date(to);
    await pump();
    for (;;) {
      const minute = new Date(clock.now().getTime() + 60_000);
      const times = bell.rings.flatMap(({ name, at }) => (at === undefined || isFar(name) ? [] : [at]));
      const next = [...times, ...(sweeps ? [minute] : [])]
        .filter((at) => at <= end)
        .sort((a, b) => +a - +b)[0];
      if (next === undefined) break;
      if (next > clock.now()) clock.set(next);
      if (sweeps) await sweep(context);
      await pump();
    }
    clock.set(end);
    await pump();
  };

  const cause: World['cause'] = (actor, request) => ({
    actor,
    at: clock.now(),
    ...(request === undefined ? {} : { request }),
  });
  const submit: World['submit'] = async (person, service, more = {}) => {
    const change = await submitChange(context, cause(person), {
      service,
      version: '1.0.0',
      type: 'normal',
      records: ['REC-1'],
      note: '',
      ...more,
    });
    return changeName(change.id);
  };
  const evidence: World['evidence'] = (report, request) =>
    recordEvidence(context, cause('system:ci', request), { outcome: 'pass', source: 'ci', ...report });
  const state: World['state'] = (person, change, statement) =>
    // A test says what it needs to; the union is put together here.
    stateEvidence(context, cause(person), { change, outcome: 'pass', ...statement } as Statement);
  const change: World['change'] = async (name) => {
    const found = await findChange(store.db, Number(name.slice('CHG-'.length)));
    if (!found) throw new Error(`no ${name}`);
    return found;
  };
  const build: World['build'] = async (service, version, more = {}) => {
    const artifact = more.artifact ?? digest(service, version);
    await evidence({ kind: 'build', service, version, builder: trusted, ...more, artifact });
    return artifact;
  };
  const artifactOf = async (name: string) => {
    const { service, version, artifact } = await change(name);
    return { service, artifact: artifact ?? (await build(service, version)) };
  };
  const passInTest: World['passInTest'] = async (name) => {
    const { service, artifact } = await artifactOf(name);
    await evidence({ kind: 'deployed', service, artifact, environment: 'test' });
    await state((await change(name)).requester, name, { kind: 'records' });
    await state('rita', name, { kind: 'date-approved' });
  };
  const approve: World['approve'] = (person, name) => approveChange(context, cause(person), { change: name });
  const passReady: World['passReady'] = async (name) => {
    const { service, artifact } = await artifactOf(name);
    await evidence({ kind: 'verified', service, artifact, environment: 'preproduction' });
    await state('quinn', name, { kind: 'sign-off', role: 'qa' });
    await approve('olga', name);
    await approve('remy', name);
  };
  const go: World['go'] = (subject, person = 'rita') =>
    decideGo(context, cause(person), { go: 'go', subject });
  const toMeeting: World['toMeeting'] = async (...services) => {
    const names: string[] = [];
    for (const service of services) {
      const name = await submit('dev', service);
      await passInTest(name);
      names.push(name);
    }
    await advance(week48.inTest);
    for (const name of names) await passReady(name);
    await advance(week48.meeting);
    return names;
  };
  const toGo: World['toGo'] = async (...services) => {
    const names = await toMeeting(...services);
    await go(week48.train);
    await pump();
    return names;
  };

  await armTimetable(context);
  return {
    context,
    clock,
    bell,
    database,
    instance,
    reload: async (next) => {
      policy = typeof next === 'string' ? policyOf(next) : next;
      await armTimetable(context);
    },
    behave: (service, step, script) => writeFileSync(join(behaviour, `${service}.${step}`), script),
    ledger: () =>
      existsSync(ledgerFile)
        ? readFileSync(ledgerFile, 'utf8')
            .split('\n')
            .filter((line) => line !== '')
            .map((line) => line.split(' ').slice(0, 2).join(' '))
        : [],
    cause,
    hear: (name, job) => void heard.set(name, job),
    pump,
    advance,
    sweep: () => sweep(context),
    audit: async (kind) =>
      (await auditAfter(store.db, 0, 100_000))
        .map(({ entry }) => entry)
        .filter((entry) => kind === undefined || entry.kind === kind),
    notices: async () => {
      const rows = await store.db.selectFrom('notice').select(['lane', 'content']).orderBy('id').execute();
      return rows.map(({ lane, content }) => ({ ...content, lane }));
    },
    submit,
    evidence,
    build,
    state,
    approve,
    go,
    passInTest,
    passReady,
    toMeeting,
    toGo,
    change,
    deployment: async (name) => {
      const found = await deploymentOfChange(store.db, Number(name.slice('CHG-'.length)));
      if (!found) throw new Error(`no deployment of ${name}`);
      return found;
    },
  };
};
