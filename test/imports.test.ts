import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { cyclesOf, type SourceFile, scan, sourceFiles } from './support/import-scanner.ts';

/** A room is a folder, or a file that stands for itself; the first pattern that fits a path names its room. */
const rooms = [
  // A rehearsal's bot is a process of its own, and so is put together like one.
  ['root', /^src\/(main|cli|upkeep|rehearsal\/bot)\.ts$/],
  ['cli', /^src\/cli\//],
  ['clock', /^src\/clock\.ts$/],
  ['log', /^src\/log\.ts$/],
  ['settings', /^src\/(settings|step-secrets)\.ts$/],
  ['policy', /^src\/policy\//],
  ['domain', /^src\/domain\//],
  ['pool', /^src\/store\/pool\.ts$/],
  ['store', /^src\/store\//],
  ['queue', /^src\/queue\//],
  ['operations', /^src\/operations\//],
  ['cards', /^src\/cards\//],
  ['card', /^src\/chat\/card\.ts$/],
  ['chat', /^src\/chat\/[^/]+$/],
  ['slack', /^src\/chat\/slack\//],
  ['teams', /^src\/chat\/teams\//],
  ['console', /^src\/chat\/console\//],
  ['executor', /^src\/executors\/executor\.ts$/],
  ['executors', /^src\/executors\//],
  ['integration', /^src\/integrations\/integration\.ts$/],
  ['integrations', /^src\/integrations\//],
  ['web', /^src\/web\//],
  ['rehearsal', /^src\/rehearsal\//],
  ['handlers', /^handlers\//],
  ['jobs', /^jobs\//],
] as const satisfies readonly (readonly [string, RegExp])[];

type Room = (typeof rooms)[number][0];

const everything = rooms.map(([name]) => name);
const allButWiring = everything.filter((room) => room !== 'handlers' && room !== 'jobs');

interface Rule {
  /** Besides itself. */
  readonly may: readonly Room[];
  readonly because: string;
  /** Packages it may import; absent: those that no other room owns. */
  readonly packages?: readonly RegExp[];
}

const anyNode = /^node:/;
const platform = 'a chat platform knows chat/*.ts and its SDK only: never the domain, never another platform';

/** DESIGN §3. */
const rules: Readonly<Record<Room, Rule>> = {
  root: { may: everything, because: '' },
  cli: { may: allButWiring, because: 'main.ts and cli.ts alone wire handlers and jobs' },
  rehearsal: { may: allButWiring, because: 'main.ts and cli.ts alone wire handlers and jobs' },
  clock: { may: [], because: 'the clock is below everything' },
  log: { may: [], because: 'the log is below everything' },
  settings: { may: [], because: 'settings know the environment only' },
  domain: {
    may: [],
    because: 'the domain is pure: it knows itself, date libraries, and digests',
    packages: [/^temporal-polyfill(\/|$)/, /^date-fns(\/|$)/, /^node:crypto$/],
  },
  policy: { may: ['domain', 'clock', 'log'], because: 'policy turns a file into the domain’s terms' },
  pool: { may: ['log'], because: 'the pool is below store and queue' },
  store: { may: ['pool', 'domain', 'clock', 'log'], because: 'the store knows the domain only' },
  queue: {
    may: ['domain', 'pool', 'clock', 'log'],
    because: 'the queue carries ids; it knows the domain, and the pool it runs on',
  },
  operations: {
    may: ['domain', 'policy', 'store', 'queue', 'executor', 'integration', 'clock', 'log'],
    because:
      'operations know domain, policy, store, queue, and executors and integrations through their interfaces',
  },
  cards: {
    may: ['domain', 'card'],
    because: 'cards are pure: they know the domain and chat/card.ts',
    packages: [],
  },
  card: { may: [], because: 'a card is in no platform’s words', packages: [] },
  chat: {
    may: ['card', 'domain', 'clock', 'log'],
    because: 'chat/*.ts is what the platforms share: it knows itself and the domain only',
  },
  slack: {
    may: ['chat', 'card', 'clock', 'log'],
    because: platform,
    packages: [anyNode, /^@slack\//, /^zod$/],
  },
  teams: {
    may: ['chat', 'card', 'clock', 'log'],
    because: platform,
    packages: [anyNode, /^botbuilder(-|\/|$)/, /^botframework-/, /^@microsoft\//, /^zod$/],
  },
  console: { may: ['chat', 'card', 'clock', 'log'], because: platform, packages: [anyNode] },
  executor: { may: ['domain'], because: 'an interface knows the domain only' },
  executors: {
    may: ['executor', 'domain', 'clock', 'log'],
    because: 'executors know their interface and the domain',
  },
  integration: { may: ['domain'], because: 'an interface knows the domain only' },
  integrations: {
    may: ['integration', 'domain', 'clock', 'log'],
    because: 'integrations know their interface and the domain',
  },
  web: {
    may: ['operations', 'cards', 'chat', 'card', 'clock', 'log'],
    because: 'the web shows what operations tell, as cards; SQL and the queue are behind operations',
  },
  handlers: {
    may: ['operations', 'cards', 'chat', 'card', 'clock', 'log'],
    because: 'a handler knows operations, cards and chat/*.ts',
  },
  jobs: {
    may: ['operations', 'cards', 'chat', 'card', 'clock', 'log'],
    because: 'a job knows operations, cards and chat/*.ts',
  },
};

/** Packages that stay in one place, so that it can be exchanged. */
const owned: readonly (readonly [RegExp, readonly Room[]])[] = [
  [/^(pg|kysely)(\/|$)/, ['store', 'pool']],
  [/^(bullmq|ioredis)(\/|$)/, ['queue']],
  [/^@slack\//, ['slack']],
  [/^(botbuilder|botframework-|@microsoft\/)/, ['teams']],
  [/^yaml(\/|$)/, ['policy']],
  [/^(express|hono)(\/|$)/, ['web']],
  [/^commander(\/|$)/, ['root', 'cli']],
];

const roomOf = (path: string): Room | undefined => rooms.find(([, pattern]) => pattern.test(path))?.[0];

const packageFault = (room: Room, name: string): string | undefined => {
  const { packages, because } = rules[room];
  if (packages !== undefined) {
    return packages.some((pattern) => pattern.test(name)) ? undefined : because;
  }
  const owners = owned.find(([pattern]) => pattern.test(name))?.[1];
  return owners === undefined || owners.includes(room) || room === 'root'
    ? undefined
    : `only ${owners.join(' and ')} may use it`;
};

const importFaults = (file: SourceFile): readonly string[] => {
  const room = roomOf(file.path);
  if (room === undefined) {
    return [`${file.path}: belongs to no room that DESIGN §3 names`];
  }
  return file.imports.flatMap((imported) => {
    const isFile = /^(src|handlers|jobs|test|bench|examples)\//.test(imported) || imported.startsWith('..');
    const target = roomOf(imported);
    const reason = isFile
      ? target !== undefined && (target === room || rules[room].may.includes(target))
        ? undefined
        : rules[room].because || 'it is outside of the rooms that ship'
      : packageFault(room, imported);
    return reason === undefined ? [] : [`${file.path} → ${imported}: not allowed because ${reason}`];
  });
};

/** Files that may ask for the time: the clock, and the edges that begin a run. */
const askers = /^src\/(clock\.ts$|main\.ts$|cli\.ts$|cli\/|rehearsal\/)/;
const timeFetched =
  /\bnew\s+Date\s*(\(\s*\)|(?![\s(]))|\bDate\s*\.\s*now\b|(?<!new\s+)\bDate\s*\(\s*\)|\bTemporal\s*\.\s*Now\b/;
const madeUp = /\bMath\s*\.\s*random\b|\brandom(UUID|Bytes|Int)\b/;

const purityFaults = ({ path, code }: SourceFile): readonly string[] => {
  const pure = /^src\/(domain|cards)\//.test(path);
  return [
    ...(timeFetched.test(code) && !askers.test(path)
      ? [`${path}: fetches the time; not allowed because it is passed in, from the Clock`]
      : []),
    ...(pure && madeUp.test(code)
      ? [`${path}: makes up a value; not allowed because it decides purely`]
      : []),
  ];
};

const faultsOf = (files: readonly SourceFile[]): readonly string[] => [
  ...files.flatMap(importFaults),
  ...files.flatMap(purityFaults),
  ...cyclesOf(files).map((cycle) => `${[...cycle, cycle[0]].join(' → ')}: not allowed because it is a cycle`),
];

const root = join(import.meta.dirname, '..');
const files = sourceFiles(root);

describe('the house', () => {
  it('is kept: nobody imports whom they may not, nothing goes round, time is passed in', () => {
    expect(files.length).toBeGreaterThan(10);
    expect(faultsOf(files)).toEqual([]);
  });

  it('imports files that exist, by their names', () => {
    const missing = files.flatMap(({ path, imports }) =>
      imports
        .filter((imported) => /^(src|handlers|jobs)\//.test(imported) && !existsSync(join(root, imported)))
        .map((imported) => `${path} → ${imported}`),
    );
    expect(missing).toEqual([]);
  });
});

describe('the import rule', () => {
  const judge = (path: string, text: string): readonly string[] => faultsOf([scan(path, text)]);

  it.each([
    ['src/domain/train.ts', `import { x } from '../store/trains.ts';`],
    ['src/domain/train.ts', `import type { Clock } from '../clock.ts';`],
    ['src/domain/train.ts', `import { readFileSync } from 'node:fs';`],
    ['src/cards/change-card.ts', `import { x } from '../operations/find.ts';`],
    ['src/cards/change-card.ts', `import { x } from '../chat/request.ts';`],
    ['src/chat/slack/render.ts', `import type { PersonId } from '../../domain/policy.ts';`],
    ['src/chat/slack/render.ts', `import { x } from '../console/render.ts';`],
    ['src/chat/console/render.ts', `import { App } from '@slack/bolt';`],
    ['src/store/trains.ts', `export * from '../operations/find.ts';`],
    ['src/operations/find.ts', `import { x } from '../executors/command.ts';`],
    ['src/operations/find.ts', `const { sql } = await import('kysely');`],
    ['src/web/server.ts', `import { x } from '../store/store.ts';`],
    ['src/cli/check.ts', `import { table } from '../../handlers/index.ts';`],
    ['src/rehearsal/play.ts', `import '../../jobs/index.ts';`],
    ['handlers/change.ts', `import { x } from '../src/store/store.ts';`],
    ['jobs/ring.ts', `import {\n  x,\n} from '../src/queue/bell.ts';`],
    ['src/web/server.ts', `import { Queue } from 'bullmq';`],
    ['src/store/trains.ts', `import { x } from '../../test/support/zones.ts';`],
    ['src/attic/old.ts', ''],
  ])('forbids %s: %s', (path, text) => {
    expect(judge(path, text)).toHaveLength(1);
  });

  it.each([
    ['src/cli.ts', `import { table } from '../handlers/index.ts'; import { Command } from 'commander';`],
    [
      'src/domain/train.ts',
      `import { Temporal } from 'temporal-polyfill'; import { createHash } from 'node:crypto';`,
    ],
    ['src/cards/change-card.ts', `import type { Card } from '../chat/card.ts';`],
    ['src/operations/find.ts', `import type { Executor } from '../executors/executor.ts';`],
    ['src/chat/slack/post.ts', `import { WebClient } from '@slack/web-api';`],
    [
      'src/store/trains.ts',
      `// import { x } from '../web/server.ts'\nconst s = "import y from '../web/server.ts'";`,
    ],
    [
      'src/store/trains.ts',
      'const r = /\'/; const t = `from "../web/server.ts"`; const a = Array.from("x");',
    ],
  ])('allows %s: %s', (path, text) => {
    expect(judge(path, text)).toEqual([]);
  });

  it('says which file, what it imports, and why not', () => {
    expect(judge('src/store/trains.ts', `import { x } from '../web/server.ts';`)).toEqual([
      'src/store/trains.ts → src/web/server.ts: not allowed because the store knows the domain only',
    ]);
  });

  it('finds cycles, also of types, through any number of files', () => {
    const knot = [
      scan('src/domain/a.ts', `import type { B } from './b.ts';`),
      scan('src/domain/b.ts', `import { c } from './c.ts';`),
      scan('src/domain/c.ts', `export { a } from './a.ts';`),
      scan('src/domain/d.ts', `import { a } from './a.ts';`),
    ];
    expect(faultsOf(knot)).toEqual([
      'src/domain/a.ts → src/domain/b.ts → src/domain/c.ts → src/domain/a.ts: not allowed because it is a cycle',
    ]);
    expect(faultsOf(knot.slice(1))).toEqual([]);
  });

  it.each([
    'new Date()',
    'Date.now()',
    'const real = Date.now;',
    `const at = \`\${new Date( )}\``,
    'Temporal.Now.instant()',
  ])('lets nobody but the clock and the edges fetch the time: %s', (text) => {
    expect(judge('src/operations/find.ts', text)).toHaveLength(1);
    expect(judge('src/clock.ts', text)).toEqual([]);
    expect(judge('src/rehearsal/play.ts', text)).toEqual([]);
  });

  it.each(['new Date(0)', 'new Date(text)', '// Date.now()', `const s = 'new Date()';`, 'update.now()'])(
    'takes %s for what it is',
    (text) => {
      expect(judge('src/domain/train.ts', text)).toEqual([]);
    },
  );

  it('lets nothing pure make up values', () => {
    expect(judge('src/domain/change.ts', 'const id = randomUUID();')).toHaveLength(1);
    expect(judge('src/store/changes.ts', 'const id = randomUUID();')).toEqual([]);
  });
});
