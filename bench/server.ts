import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import { type Clock, systemClock } from '../src/clock.ts';
import type { Policy, Service } from '../src/domain/policy.ts';
import { createCommandExecutor } from '../src/executors/command.ts';
import { silentLog } from '../src/log.ts';
import type { Context } from '../src/operations/context.ts';
import { loadPolicy } from '../src/policy/load.ts';
import type { Bell } from '../src/queue/bell.ts';
import { createArrivals } from '../src/store/arrivals.ts';
import { startEmbedded } from '../src/store/embedded.ts';
import { migrate } from '../src/store/migrate.ts';
import { createPool } from '../src/store/pool.ts';
import { createPresence } from '../src/store/presence.ts';
import { createStore } from '../src/store/store.ts';
import { temporaryFolder } from '../test/support/postgres-server.ts';

export interface Database {
  readonly name: string;
  readonly url: string;
}

/** A PostgreSQL as a first run has it: embedded, in a temporary folder, every commit waits for the disk. */
export interface Server {
  /** A migrated database, or a copy of one that nobody is connected to. */
  database(template?: Database): Promise<Database>;
  drop(database: Database): Promise<void>;
  stop(): Promise<void>;
}

export const startServer = async (): Promise<Server> => {
  const { folder, remove } = await temporaryFolder();
  const server = await startEmbedded(folder, { log: silentLog });
  const admin = new pg.Client({ connectionString: server.url });
  await admin.connect();
  let made = 0;
  const create = async (template: string): Promise<Database> => {
    made += 1;
    const url = new URL(server.url);
    url.pathname = `/bench_${made}`;
    await admin.query(`create database bench_${made} template ${template}`);
    return { name: `bench_${made}`, url: url.href };
  };
  const migrated = await create('template1');
  await using(migrated, ({ store }) => migrate(store.db));
  return {
    database: (template = migrated) => create(template.name),
    drop: async ({ name }) => void (await admin.query(`drop database ${name} with (force)`)),
    stop: async () => {
      await admin.end();
      await server.stop();
      await remove();
    },
  };
};

/** The pool and the store on it, for as long as the work lasts. */
export const using = async <T>(
  { url }: Database,
  work: (open: { readonly pool: pg.Pool; readonly store: ReturnType<typeof createStore> }) => Promise<T>,
): Promise<T> => {
  const pool = createPool(url, { max: 20, log: silentLog });
  const store = createStore(pool);
  try {
    return await work({ pool, store });
  } finally {
    await store.close();
  }
};

/** For what is measured without the queue. */
export const silentBell: Bell = { ring: async () => {}, ringOrThrow: async () => {} };

export interface BotOptions {
  readonly policy: Policy;
  readonly clock?: Clock;
  readonly bell?: Bell;
}

/** The bot's operations on the database, as the composition root wires them; nothing is posted and nothing deployed. */
export const asBot = <T>(
  database: Database,
  { policy, clock = systemClock, bell = silentBell }: BotOptions,
  work: (context: Context, pool: pg.Pool) => Promise<T>,
): Promise<T> =>
  using(database, async ({ pool, store }) => {
    const presence = await createPresence(pool, silentLog);
    try {
      const context: Context = {
        store,
        bell,
        clock,
        log: silentLog,
        presence,
        arrivals: createArrivals(presence, silentLog),
        policy: () => policy,
        platforms: ['console'],
        executors: { command: createCommandExecutor({ directory: 'unused', environment: {} }) },
        workFolder: '.',
        stepEnvironment: {},
      };
      return await work(context, pool);
    } finally {
      await presence.close();
    }
  });

const example = join(import.meta.dirname, '../examples/astronomy-shop/signalbox.yaml');

export const examplePolicy = async (): Promise<Policy> => {
  const loaded = loadPolicy(await readFile(example, 'utf8'), example, systemClock.now());
  if (!loaded.ok) throw new Error(`the example policy has faults: ${JSON.stringify(loaded.faults)}`);
  return loaded.policy;
};

/** The example's rules and people over `count` made-up services, each on up to three earlier ones; always the same. */
export const policyWith = (policy: Policy, count: number): Policy => {
  const owners = [...policy.people.keys()];
  const plans = [...policy.plans.keys()];
  let random = 1;
  const next = (below: number): number => {
    random = (random * 48_271) % 2_147_483_647;
    return random % below;
  };
  const services = Array.from({ length: count }, (_, n): Service => {
    const dependsOn = n === 0 ? [] : Array.from({ length: next(4) }, () => serviceName(next(n)));
    return {
      name: serviceName(n),
      owners: [owners[n % owners.length] ?? ''],
      dependsOn: [...new Set(dependsOn)],
      platforms: n % 3 === 0 ? ['linux-amd64', 'linux-arm64'] : ['linux-amd64'],
      plan: plans[n % plans.length] ?? '',
    };
  });
  return { ...policy, services: new Map(services.map((service) => [service.name, service])) };
};

export const serviceName = (n: number): string => `service-${n}`;
