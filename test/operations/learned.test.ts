import { describe, expect, it } from 'vitest';
import { planCard } from '../../src/cards/plan-card.ts';
import { runSheetCard } from '../../src/cards/run-sheet-card.ts';
import { learnedKey } from '../../src/domain/learned.ts';
import { describePlan } from '../../src/operations/describe-plan.ts';
import { learnedDurations } from '../../src/store/durations.ts';
import { cutoffsOf } from '../../src/store/trains.ts';
import { policyOf, type ShopOptions, shop, week48 } from '../support/shop.ts';
import { createWorld, digest, type World } from '../support/world.ts';
import { holdOf } from './nights.ts';

const own = (options: ShopOptions = {}) => shop({ services: ['other: {}'], ...options });

/** Deployments of the past whose steps took so many minutes in all; `by`: a person had to say how they ended. */
const past = async (world: World, service: string, minutes: readonly number[], by = false): Promise<void> => {
  const { pool } = world.database;
  const change = await world.submit('dev', service, { version: '0.0.1' });
  const { plan } = policyOf(own()).services.get(service) ?? { plan: '' };
  const rule = policyOf(own()).plans.get(plan);
  for (const [i, each] of minutes.entries()) {
    const start = new Date(Date.parse(week48.monday) - (i + 1) * 86_400_000);
    const end = new Date(start.getTime() + each * 60_000);
    const { rows } = await pool.query(
      `insert into deployment (change, train, service, artifact, plan, wave, position, unit, state, queued_at, started_at, finished_at)
       values ($1, $2, $3, $4, $5, 0, 0, 0, 'succeeded', $6, $6, $7) returning id`,
      [
        Number(change.slice(4)),
        week48.train,
        service,
        digest('old', String(i)),
        JSON.stringify(rule),
        start,
        end,
      ],
    );
    await pool.query(
      `insert into step_run (deployment, step, direction, attempt, fence, state, handle, exit_code, started_at, finished_at)
       values ($1, 0, 'do', 1, 1, 'succeeded', '{}', $2, $3, $4)`,
      [rows[0].id, by ? null : 0, start, end],
    );
  }
  await pool.query(`update change set state = 'withdrawn' where id = $1`, [Number(change.slice(4))]);
};

const sheetOf = async (world: World) => {
  const sheet = (await cutoffsOf(world.context.store.db, week48.train)).at(-1)?.sheet;
  if (!sheet) throw new Error('no run-sheet');
  return sheet;
};

describe('learned durations', () => {
  it('are the 50th and 90th percentile of the last twenty runs, without those that a person had to end', async () => {
    const world = await createWorld({ policy: own() });
    await past(world, 'alone', [500, 600, ...Array.from({ length: 20 }, (_, i) => i + 1)]);
    await past(world, 'db', [90, 90, 90], true);
    const learned = await learnedDurations(world.context.store.db, ['alone', 'db', 'web']);
    // The first two are the oldest ones; then 20 runs of 1 to 20 minutes.
    expect(learned.get(learnedKey('alone', 'steps'))).toEqual({ runs: 20, p50: 600_000, p90: 1_080_000 });
    expect(learned.size).toBe(1);
  });

  it('move the last safe start forward when the past was slower than what is declared, never back', async () => {
    const world = await createWorld({ policy: own() });
    await past(world, 'alone', [60, 60, 70, 90]);
    await past(world, 'other', [1, 1, 1]);
    await past(world, 'db', [200, 200]);
    await world.toMeeting('alone', 'other', 'db');
    const starts = Object.fromEntries(
      (await sheetOf(world)).sequence.flat().map((s) => [s.service, s.lastSafeStart]),
    );
    // The window closes 02:00; 2:05 min are kept for a rollback; declared are 3:05 min.
    expect(starts).toEqual({
      alone: '2026-11-29T00:27:55.000Z',
      other: '2026-11-29T01:54:50.000Z',
      // Two runs are no experience.
      db: '2026-11-29T01:54:50.000Z',
    });
    const plan = await describePlan(world.context, week48.train, world.clock.now());
    expect(JSON.stringify(planCard(plan, policyOf(own())))).toContain(
      'nine of ten of the last 4 within 1 h 30 min',
    );
  });

  it('L1: the gate admits by them', async () => {
    const world = await createWorld({ policy: own() });
    await past(world, 'alone', [60, 60, 70, 90]);
    const [alone = '', db = ''] = await world.toGo('alone', 'db');
    world.clock.set(new Date('2026-11-29T00:28:00Z'));
    await world.sweep();
    await world.pump();
    expect(await holdOf(world, alone)).toBe('does-not-fit');
    expect((await world.deployment(db)).state).toBe('succeeded');
  });
});

describe('what does not fit is named on Friday', () => {
  const wide = (minutes: number) => ({ expected: `${minutes}m` });

  it('when there are more changes than the window takes: the older ones go, the others hear where they can', async () => {
    const policy = own({ capacity: 2 });
    const world = await createWorld({ policy });
    // Submitted in this order; by name and plan `alone` would come first.
    const names = await world.toMeeting('other', 'db', 'alone');
    const sheet = await sheetOf(world);
    expect(sheet.sequence.flat().filter((s) => s.overflow !== undefined)).toMatchObject([
      {
        service: 'alone',
        overflow: { why: 'window-full', next: { train: week48.next, opens: '2026-12-05T22:00:00.000Z' } },
      },
    ]);
    const card = JSON.stringify(runSheetCard(sheet, policyOf(policy)));
    expect(card).toContain('Does not fit');
    expect(card).toContain(
      'the window takes no more changes; those of a higher priority and older ones go first',
    );
    // The night keeps to it.
    await world.go(week48.train);
    await world.advance(week48.opens);
    expect((await world.deployment(names[2] ?? '')).hold?.code).toBe('window-full');
    expect((await world.deployment(names[0] ?? '')).state).toBe('succeeded');
    await world.advance(week48.closes);
    expect((await world.change(names[2] ?? '')).train).toBe(week48.next);
  });

  it('when its turn would come too late, when what goes before it does not fit, and when no window is long enough', async () => {
    const world = await createWorld({ policy: own({ ...wide(70), concurrency: 1 }) });
    await world.toMeeting('db', 'other', 'api');
    // 71:05 minutes each, one at a time, 70:05 kept for the rollback: there is time for two in four hours.
    expect((await sheetOf(world)).sequence.flat().map((s) => s.overflow?.why ?? s.startsAt)).toEqual([
      '2026-11-28T22:00:00.000Z',
      '2026-11-28T23:11:05.000Z',
      'no-time',
    ]);

    const slow = await createWorld({ policy: own() });
    await past(slow, 'api', [300, 300, 300]);
    await slow.toMeeting('db', 'api', 'web');
    expect((await sheetOf(slow)).sequence.flat().map((s) => s.overflow?.why)).toEqual([
      undefined,
      'too-long',
      'waits-for',
    ]);

    const long = await createWorld({ policy: own(wide(179)) });
    await long.toMeeting('alone');
    expect((await sheetOf(long)).sequence.flat()).toMatchObject([
      { service: 'alone', lastSafeStart: null, overflow: { why: 'too-long' } },
    ]);
    expect((await sheetOf(long)).sequence.flat()[0]?.overflow?.next).toBeUndefined();
  });
});
