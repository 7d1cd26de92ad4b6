import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { after, judgeReading, type Observed, type Shipped, weigh } from '../../src/domain/observation.ts';
import { minute } from '../../src/domain/time.ts';

const place = { service: 'api', environment: 'production', platform: 'default', aspect: 'artifact' } as const;
const at = (minutes: number): Date => new Date(Date.UTC(2026, 10, 28, 22) + minutes * minute);

/** What is known after readings `[value, minutes]`, in this order of arrival. */
const read = (...readings: readonly (readonly [string, number])[]): Observed | undefined =>
  readings.reduce<Observed | undefined>((known, [value, minutes]) => {
    const step = weigh(known, value, at(minutes));
    return step === 'stale' ? known : after(known, place, value, at(minutes));
  }, undefined);

describe('two readings', () => {
  it('that agree are believed, since the first of them; one alone is not', () => {
    expect(read(['A', 0])).toMatchObject({ value: null, candidate: 'A' });
    expect(read(['A', 0], ['A', 1])).toMatchObject({ value: 'A', since: at(0), candidate: null });
    expect(read(['A', 0], ['A', 1], ['B', 2])).toMatchObject({ value: 'A', candidate: 'B' });
    expect(read(['A', 0], ['A', 1], ['B', 2], ['A', 3], ['B', 4])).toMatchObject({
      value: 'A',
      candidate: 'B',
    });
    expect(read(['A', 0], ['A', 1], ['B', 2], ['C', 3], ['B', 4])).toMatchObject({ value: 'A' });
    expect(read(['A', 0], ['A', 1], ['B', 2], ['B', 3])).toMatchObject({ value: 'B', since: at(2) });
  });

  it('of one instant, or in the wrong order, do not confirm each other', () => {
    expect(read(['A', 0], ['A', 0])).toMatchObject({ value: null });
    expect(read(['A', 5], ['A', 4])).toMatchObject({ value: null, readAt: at(5) });
  });

  it('only ever change what is believed to what two successive newer readings said', () => {
    const reading = fc.tuple(fc.constantFrom('A', 'B', 'C'), fc.integer({ min: 0, max: 30 }));
    fc.assert(
      fc.property(fc.array(reading, { maxLength: 30 }), (readings) => {
        // Those that are newer than all before them.
        const fresh = readings.filter(([, m], i) => readings.slice(0, i).every(([, n]) => n < m));
        let expected: string | null = null;
        for (const [i, [value]] of fresh.entries())
          if (i > 0 && fresh[i - 1]?.[0] === value) expected = value;
        expect(read(...readings)?.value ?? null).toBe(expected);
      }),
    );
  });
});

const shipped = (artifact: string, from: number, to: number | null, state: Shipped['state']): Shipped => ({
  artifact,
  version: `v${artifact}`,
  state,
  startedAt: at(from),
  finishedAt: to === null ? null : at(to),
});

const judge = (
  value: string,
  minutes: number,
  deployments: readonly Shipped[],
  more: Partial<Observed> = {},
) =>
  judgeReading(
    {
      ...place,
      value,
      since: at(minutes),
      candidate: null,
      candidateAt: null,
      readAt: at(minutes + 1),
      accepted: null,
      acceptedAt: null,
      ...more,
    },
    deployments,
    15 * minute,
  );

describe('what is believed of production', () => {
  const old = shipped('A', -1_000, -990, 'succeeded');
  const claimed = (value: string, minutes: number) => ({ accepted: value, acceptedAt: at(minutes) });

  it('is ours when the last deployment brought it, by its bytes or its version', () => {
    expect(judge('A', 0, [old])).toBe('ours');
    expect(judge('vA', 0, [old])).toBe('ours');
    expect(judge('X', 0, [old])).toBe('stranger');
  });

  it('is ours while a deployment runs, whether it has come that far or not', () => {
    const running = [old, shipped('B', 0, null, 'running')];
    expect(['A', 'B', 'X'].map((value) => judge(value, 1, running))).toEqual(['ours', 'ours', 'stranger']);
  });

  it('may be the old or the new for a quarter of an hour after one has ended, and then only what it left', () => {
    const done = [old, shipped('B', 0, 10, 'succeeded')];
    expect([10, 25, 26].map((m) => judge('A', m, done))).toEqual(['ours', 'ours', 'stranger']);
    expect([10, 25, 26, 999].map((m) => judge('B', m, done))).toEqual(Array(4).fill('ours'));
    const undone = [old, shipped('B', 0, 10, 'rolled-back')];
    expect([25, 26].map((m) => judge('B', m, undone))).toEqual(['ours', 'stranger']);
    expect([25, 26].map((m) => judge('A', m, undone))).toEqual(['ours', 'ours']);
  });

  it('is not ours when it was, two deployments ago', () => {
    const two = [old, shipped('B', -500, -490, 'succeeded'), shipped('C', 0, 10, 'succeeded')];
    expect(judge('A', 5, two)).toBe('stranger');
    expect(judge('B', 30, two)).toBe('stranger');
  });

  it('is left to whoever is on it while a deployment is neither done nor undone', () => {
    const stuck = [old, shipped('B', 0, 10, 'failed')];
    expect(['A', 'B'].map((value) => judge(value, 600, stuck))).toEqual(['ours', 'ours']);
    expect(judge('B', 700, [...stuck, shipped('C', 610, 620, 'succeeded')])).toBe('stranger');
  });

  it('was always there, as far as is known, when nothing is known', () => {
    expect(judge('X', 0, [])).toBe('baseline');
    expect(judge('X', 0, [shipped('B', -1, null, 'running')])).toBe('baseline');
    expect(judge('Y', 0, [], claimed('X', -10))).toBe('stranger');
  });

  it('is in order when somebody has claimed it, until a deployment comes over it', () => {
    expect(judge('X', 0, [old], claimed('X', -10))).toBe('accepted');
    const over = shipped('C', 0, 10, 'succeeded');
    expect(judge('X', 20, [old, over], claimed('X', -10))).toBe('accepted');
    expect(judge('X', 30, [old, over], claimed('X', -10))).toBe('stranger');
    expect(judge('X', 30, [old, { ...over, state: 'rolled-back' }], claimed('X', -10))).toBe('accepted');
  });

  it('of its configuration is ours when a deployment may have changed it', () => {
    const configuration = { aspect: 'configuration' as const, ...claimed('X', -2_000) };
    const done = [shipped('B', 0, 10, 'succeeded')];
    expect([-1, 0, 25, 26].map((m) => judge('Y', m, done, configuration))).toEqual([
      'stranger',
      'ours',
      'ours',
      'stranger',
    ]);
    expect(judge('X', 600, done, configuration)).toBe('accepted');
    expect(judge('X', 600, done, { aspect: 'configuration' })).toBe('baseline');
  });
});
