import { createHash } from 'node:crypto';
import { systemClock } from '../src/clock.ts';
import { armTimetable } from '../src/operations/arm-timetable.ts';
import type { Context } from '../src/operations/context.ts';
import { recordReading } from '../src/operations/record-reading.ts';
import { asBot, examplePolicy, policyWith, type Server, serviceName } from './server.ts';
import { median, ms, type Row, timed } from './support.ts';

const services = 150;
const rounds = 7;
/** As many as the web's pool serves without waiting. */
const atOnce = 10;

/** What runs, told of 150 services in three environments: nothing new, and everything new, against as many bare commits. */
export const readings = async (server: Server): Promise<readonly Row[]> => {
  const policy = policyWith(await examplePolicy(), services);
  const database = await server.database();
  const places = Array.from({ length: services }, (_, n) =>
    policy.environments.map((environment) => ({ service: serviceName(n), environment })),
  ).flat();
  const samples = await asBot(database, { policy }, async (context, pool) => {
    await armTimetable(context);
    await pool.query('create table floor (id integer primary key, at timestamptz not null)');
    await pool.query('insert into floor select n, now() from generate_series(1, $1) n', [places.length]);
    const floor = () =>
      all(places.map((_, n) => () => pool.query('update floor set at = now() where id = $1', [n + 1])));
    let told = 0;
    const tell = (version: number) => all(places.map((place) => () => read(context, place, version, ++told)));
    await tell(0);
    await tell(0);
    const taken = {
      floor: [] as number[],
      same: [] as number[],
      first: [] as number[],
      second: [] as number[],
    };
    // What is confirmed of production without a deployment is asked about; that is part of the second reading's price.
    for (let round = 1; round <= rounds; round += 1) {
      taken.floor.push(await timed(floor));
      taken.same.push(await timed(() => tell(round - 1)));
      taken.first.push(await timed(() => tell(round)));
      taken.second.push(await timed(() => tell(round)));
    }
    return taken;
  });
  await server.drop(database);
  const bare = median(samples.floor);
  const row = (what: string, sample: readonly number[]): Row => {
    const taken = median(sample);
    return {
      what: `${places.length} readings, ${what}`,
      figure: `${ms(taken)}, ${Math.round((places.length / taken) * 1_000)} a second`,
      floor: `as many bare commits ${ms(bare)}`,
      ratio: taken / bare,
    };
  };
  return [
    row('nothing new', samples.same),
    row('each something new', samples.first),
    row('each confirmed, production asked about', samples.second),
  ];
};

const all = async (calls: readonly (() => Promise<unknown>)[]): Promise<void> => {
  const waiting = [...calls];
  const work = async (): Promise<void> => {
    for (let call = waiting.shift(); call !== undefined; call = waiting.shift()) await call();
  };
  await Promise.all(Array.from({ length: atOnce }, work));
};

const read = (
  context: Context,
  place: { readonly service: string; readonly environment: string },
  version: number,
  told: number,
): Promise<void> =>
  recordReading(
    context,
    { actor: 'system:hook', at: systemClock.now(), request: `bench-${told}` },
    {
      ...place,
      platform: 'linux-amd64',
      artifact: `sha256:${createHash('sha256').update(`${place.service} ${version}`).digest('hex')}`,
      source: 'bench',
    },
  );
