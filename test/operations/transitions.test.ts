import { describe, expect, it } from 'vitest';
import { rescindDecision, vetoChange } from '../../src/operations/decide-change.ts';
import { dispatchDeployments } from '../../src/operations/dispatch-deployments.ts';
import { runDeployment } from '../../src/operations/run-deployment.ts';
import { pauseTrain } from '../../src/operations/steer-deployment.ts';
import { stopEverything } from '../../src/operations/stop-everything.ts';
import { shop, week48 } from '../support/shop.ts';
import { createWorld, type World } from '../support/world.ts';
import { began, openGate, steps, waits } from './nights.ts';

/** In the order of their changes, which is that of the plan; `other` has the last hand until it is let go. */
const services = ['starting', 'running', 'verifying', 'undoing', 'other', 'held', 'queued'] as const;
type Subject = Exclude<(typeof services)[number], 'other'>;
type Row = Readonly<Record<Subject, string>>;

const policyWith = (more: { readonly freezes?: readonly string[]; readonly atEnd?: string } = {}) =>
  shop({ services: services.map((name) => `${name}: {}`), concurrency: 5, freezes: more.freezes ?? [] })
    .replace(
      'lasts: 4h, capacity: 20 }',
      `lasts: 4h${more.atEnd ?? ''} }\n      - { name: sunday-night, opens: Sunday 22:00, lasts: 4h }`,
    )
    .replaceAll('timeout: 8h', 'timeout: 3d');

interface Night {
  readonly world: World;
  readonly changes: Readonly<Record<(typeof services)[number], string>>;
  /** What is under way, each to its end. */
  readonly runs: readonly Promise<void>[];
}

/** The window is open, and there is a deployment in each state. What is started from now on is carried on by nobody yet. */
const night = async (policy: string): Promise<Night> => {
  const world = await createWorld({ policy });
  const names = await world.toGo(...services);
  const changes = Object.fromEntries(services.map((name, i) => [name, names[i] ?? ''])) as Night['changes'];
  await vetoChange(world.context, world.cause('omar'), { change: changes.held });
  world.behave('running', 'prepare', waits);
  world.behave('verifying', 'check', waits);
  world.behave('undoing', 'check', 'exit 1');
  world.behave('undoing', 'clean', waits);
  world.behave('other', 'check', waits.replace('open.gate', 'other.gate'));
  world.hear('run-deployment', async () => {});
  await world.advance(week48.opens);
  const runs: Promise<void>[] = [];
  for (const name of ['running', 'verifying', 'undoing', 'other'] as const)
    runs.push(runDeployment(world.context, (await world.deployment(changes[name])).id));
  for (const line of ['running prepare', 'verifying check', 'undoing clean', 'other check'])
    await began(world, line);
  return { world, changes, runs };
};

/** What each does, or what holds it. */
const seen = async ({ world, changes }: Night): Promise<Row> => {
  const row: Record<string, string> = {};
  for (const name of services) {
    if (name === 'other') continue;
    const { state, hold } = await world.deployment(changes[name]);
    row[name] =
      state === 'undoing' || state === 'rolled-back'
        ? 'turned back'
        : state === 'queued'
          ? (hold?.code ?? 'free')
          : state;
  }
  return row as Row;
};

const goesOn = { starting: 'running', running: 'running', verifying: 'running' } as const;
const turnedBack = { starting: 'turned back', running: 'turned back', verifying: 'turned back' } as const;
/** A rollback is never blocked (L9), and what a person holds nobody else lets go. */
const always = { undoing: 'turned back', held: 'vetoed' } as const;

const before: Row = { ...goesOn, ...always, queued: 'slots-busy' };

interface Transition {
  readonly what: string;
  readonly happens: (world: World) => Promise<void>;
  readonly row: Row;
}

const to =
  (at: string) =>
  (world: World): Promise<void> =>
    world.advance(at);
const freeze = '{ name: sale, from: 2026-11-28 22:00, to: 2026-11-28 23:00 }';
const pause = (paused: boolean) => (world: World) =>
  pauseTrain(world.context, world.cause('omar'), { train: week48.train, paused });

/** Each night: what shuts production, and what opens it again. */
const matrix: readonly {
  readonly policy: string;
  readonly shuts: Transition;
  readonly opens: Transition;
}[] = [
  {
    policy: policyWith(),
    shuts: {
      what: 'the window closes',
      happens: to(week48.closes),
      row: { ...goesOn, ...always, queued: 'window-shut' },
    },
    opens: {
      what: 'the next window opens',
      happens: to('2026-11-29T22:00:00Z'),
      row: { ...goesOn, ...always, queued: 'running' },
    },
  },
  {
    policy: policyWith({ atEnd: ', atEnd: roll-back' }),
    shuts: {
      what: 'the window closes, and the policy says roll-back',
      happens: to(week48.closes),
      row: { ...turnedBack, ...always, queued: 'window-shut' },
    },
    opens: {
      what: 'the next window opens',
      happens: to('2026-11-29T22:00:00Z'),
      row: { ...turnedBack, ...always, queued: 'running' },
    },
  },
  {
    policy: policyWith(),
    shuts: {
      what: 'a freeze begins',
      happens: async (world) => {
        world.clock.set(new Date('2026-11-28T22:10:00Z'));
        await world.reload(policyWith({ freezes: [freeze] }));
      },
      row: { ...goesOn, ...always, queued: 'frozen' },
    },
    opens: {
      what: 'the freeze ends within the window',
      happens: to('2026-11-28T23:00:00Z'),
      row: { ...goesOn, ...always, queued: 'running' },
    },
  },
  {
    policy: policyWith(),
    shuts: {
      what: 'the train is paused',
      happens: pause(true),
      row: { ...goesOn, ...always, queued: 'paused' },
    },
    opens: {
      what: 'it is resumed',
      happens: pause(false),
      row: { ...goesOn, ...always, queued: 'running' },
    },
  },
  {
    policy: policyWith(),
    shuts: {
      what: 'everything is stopped',
      happens: (world) => stopEverything(world.context, world.cause('omar')),
      row: { ...turnedBack, ...always, queued: 'paused' },
    },
    opens: {
      what: 'the train is resumed',
      happens: pause(false),
      row: { ...turnedBack, ...always, queued: 'running' },
    },
  },
];

describe('every transition of window, freeze and pause, for a deployment in every state', () => {
  it.each(matrix)('$shuts.what, then $opens.what', async ({ policy, shuts, opens }) => {
    const one = await night(policy);
    const { world, changes, runs } = one;
    expect(await seen(one)).toEqual(before);

    await shuts.happens(world);
    await world.pump();
    expect([shuts.what, await seen(one)]).toEqual([shuts.what, shuts.row]);
    // There is a free hand from now on, and still nothing starts.
    world.behave('other', 'gate', '');
    await runs[3];
    await world.pump();
    expect([shuts.what, await seen(one)]).toEqual([shuts.what, shuts.row]);

    // What it held goes on by itself, and at once: no sweep is needed.
    await opens.happens(world);
    await world.pump();
    expect([opens.what, await seen(one)]).toEqual([opens.what, opens.row]);

    openGate(world);
    world.hear('run-deployment', (payload) => runDeployment(world.context, Number(payload['id'])));
    await Promise.all(runs);
    await world.sweep();
    await world.pump();
    // Nor is one when a person lets go of what they held.
    await rescindDecision(world.context, world.cause('omar'), { change: changes.held });
    await world.pump();
    for (const name of services) {
      if (name === 'other') continue;
      const { state } = await world.deployment(changes[name]);
      expect([name, state]).toEqual([name, opens.row[name] === 'turned back' ? 'rolled-back' : 'succeeded']);
    }
    // L2: whatever happened meanwhile, nothing ran twice.
    const ran = world.ledger();
    expect(ran.filter((line, i) => ran.indexOf(line) !== i)).toEqual([]);
    for (const name of ['queued', 'held']) expect(ran.filter((l) => l.startsWith(name))).toEqual(steps(name));
    if (shuts.row.starting === 'turned back')
      expect(ran.filter((line) => line.startsWith('starting'))).toEqual([]);
    await dispatchDeployments(world.context, week48.train);
    expect((await world.audit('deployment-started')).length).toBe(services.length);
  });
});
