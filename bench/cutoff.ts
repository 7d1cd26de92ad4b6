import { systemClock, testClock } from '../src/clock.ts';
import { trainToBoard } from '../src/domain/train.ts';
import { silentLog } from '../src/log.ts';
import { armTimetable } from '../src/operations/arm-timetable.ts';
import { ringDeadline } from '../src/operations/ring-deadline.ts';
import { connectQueue } from '../src/queue/backend.ts';
import { type Bell, createBell } from '../src/queue/bell.ts';
import { seedChanges } from './seed.ts';
import { asBot, type Database, examplePolicy, policyWith, type Server, silentBell } from './server.ts';
import { median, ms, type Row, type Sample, timed } from './support.ts';

const sizes = [150, 1_500, 15_000] as const;
/** Which of them is closed with a queue as well. */
const withBells = 1_500;
const rounds = 3;
const monday = new Date('2026-11-23T12:00:00Z');

/**
 * Both cutoffs of a train, closed as their bells close them: about a fifth of the changes misses the first, a quarter of
 * the rest the second, for want of a sign-off or of a signature. The floor is the same work for the next smaller train.
 */
export const cutoff = async (server: Server): Promise<readonly Row[]> => {
  const trains = new Map<number, Seeded>();
  for (const size of sizes) trains.set(size, await seeded(server, size));
  const taken = new Map<string, number[]>();
  for (let round = 0; round < rounds; round += 1)
    for (const [size, { database, policy }] of trains) {
      const note = (what: string, took: number): void =>
        void taken.set(what, [...(taken.get(what) ?? []), took]);
      const copy = await server.database(database);
      for (const [name, took] of await closing(copy, policy)) note(`${name} ${size}`, took);
      await server.drop(copy);
      if (size !== withBells) continue;
      const heard = await server.database(database);
      const queue = await connectQueue({ databaseUrl: heard.url }, silentLog);
      const bell = createBell(queue, systemClock, silentLog);
      for (const [name, took] of await closing(heard, policy, bell)) note(`${name} with bells`, took);
      await queue.close();
      await server.drop(heard);
    }
  for (const { database } of trains.values()) await server.drop(database);
  return ['in-test', 'ready-for-production'].flatMap((name) => [
    ...sizes.slice(1).map((size, before): Row => {
      const smaller = sizes[before] ?? size;
      const figures = taken.get(`${name} ${size}`) ?? [];
      const floors = taken.get(`${name} ${smaller}`) ?? [];
      return {
        what: `cutoff ${name}, ${size} changes, per change`,
        figure: `${ms(median(figures))} in all`,
        floor: `${smaller}: ${ms(median(floors))} in all`,
        ratio: (ratioByRound(figures, floors) * smaller) / size,
        // Linear, but for what the noise of one run does.
        aim: 1.3,
      };
    }),
    {
      what: `cutoff ${name}, ${withBells} changes, their cards' bells rung (PostgreSQL)`,
      figure: ms(median(taken.get(`${name} with bells`) ?? [])),
      floor: `without ${ms(median(taken.get(`${name} ${withBells}`) ?? []))}`,
      ratio: ratioByRound(taken.get(`${name} with bells`) ?? [], taken.get(`${name} ${withBells}`) ?? []),
    },
  ]);
};

/** One observation a round. */
const ratioByRound = (figures: Sample, floors: Sample): number =>
  median(figures.map((figure, round) => figure / (floors[round] ?? Number.NaN)));

interface Seeded {
  readonly database: Database;
  readonly policy: Awaited<ReturnType<typeof examplePolicy>>;
}

const seeded = async (server: Server, size: number): Promise<Seeded> => {
  const policy = policyWith(await examplePolicy(), size);
  const database = await server.database();
  await asBot(database, { policy, clock: testClock(monday) }, async (context) => {
    const train = trainToBoard(policy, monday);
    if (train === undefined) throw new Error('no train');
    await armTimetable(context);
    await seedChanges(context.store, policy, train, monday, {
      inTest: (n) => n % 5 !== 0,
      signedOff: (n) => n % 7 !== 0,
      approvers: (n) => (n % 9 === 0 ? ['olga'] : ['olga', 'remy']),
    });
  });
  return { database, policy };
};

const closing = (
  database: Database,
  policy: Seeded['policy'],
  bell: Bell = silentBell,
): Promise<readonly (readonly [string, number])[]> => {
  const clock = testClock(monday);
  return asBot(database, { policy, clock, bell }, async (context) => {
    const train = trainToBoard(policy, monday);
    const took: (readonly [string, number])[] = [];
    for (const { name, at } of train?.cutoffs ?? []) {
      clock.set(at);
      const { id } = await context.store.db
        .selectFrom('deadline')
        .select('id')
        .where('key', '=', `${train?.id}/${name}/cutoff`)
        .executeTakeFirstOrThrow();
      took.push([name, await timed(() => ringDeadline(context, id))]);
      const { closed_at: closedAt } = await context.store.db
        .selectFrom('cutoff')
        .select('closed_at')
        .where('train', '=', train?.id ?? '')
        .where('name', '=', name)
        .executeTakeFirstOrThrow();
      if (closedAt === null) throw new Error(`${name} did not close`);
    }
    return took;
  });
};
