import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createPace, type Meter } from '../../src/chat/pace.ts';
import { slackPace } from '../../src/chat/slack/pace.ts';

const start = Date.parse('2026-11-23T09:00:00Z');

/** Each asks when it comes and again whenever it is told to, as jobs do; when each was sent, and how often it asked. */
const play = (
  arrivals: readonly number[],
  take: (at: Date) => number,
): readonly { readonly at: number; readonly asked: number }[] => {
  const asking = arrivals.map((at, id) => ({ at, id, asked: 0 }));
  const sent: { readonly id: number; readonly at: number; readonly asked: number }[] = [];
  for (;;) {
    asking.sort((a, b) => a.at - b.at || a.id - b.id);
    const [next] = asking;
    if (next === undefined) return sent.toSorted((a, b) => a.at - b.at);
    const wait = take(new Date(start + next.at));
    next.asked += 1;
    if (wait === 0) sent.push({ ...next, at: next.at });
    if (wait === 0) asking.shift();
    else next.at += wait;
  }
};

describe('the pace of what is sent', () => {
  it('keeps every limit at every moment, and sends everything in the end', () => {
    const limits = fc
      .array(
        fc.record({ most: fc.integer({ min: 1, max: 8 }), within: fc.integer({ min: 100, max: 20_000 }) }),
        {
          minLength: 1,
          maxLength: 3,
        },
      )
      .map((some) => some.toSorted((a, b) => a.within - b.within));
    fc.assert(
      fc.property(
        limits,
        fc.array(fc.integer({ min: 0, max: 30_000 }), { maxLength: 40 }),
        (some, arrivals) => {
          const pace = createPace();
          const sent = play(arrivals, (at) => pace.take([{ key: 'c', limits: some }], at));
          expect(sent).toHaveLength(arrivals.length);
          for (const { most, within } of some)
            for (const [i, { at }] of sent.entries())
              expect(at - (sent[i - most]?.at ?? Number.NEGATIVE_INFINITY)).toBeGreaterThanOrEqual(within);
        },
      ),
      { numRuns: 200 },
    );
  });

  it('lets a hundred who come at once go one a second, and asks none of them to come more than twice', () => {
    const pace = createPace();
    const meter: Meter = { key: 'c', limits: [{ most: 1, within: 1_000 }] };
    const sent = play(
      Array.from({ length: 100 }, () => 0),
      (at) => pace.take([meter], at),
    );
    expect(sent.at(-1)?.at).toBe(99_000);
    expect(Math.max(...sent.map(({ asked }) => asked))).toBe(2);
  });

  it('keeps what two meters count within both, and each by itself', () => {
    const pace = createPace();
    const all: Meter = { key: 'all', limits: [{ most: 3, within: 1_000 }] };
    const one = (key: string): Meter => ({ key, limits: [{ most: 1, within: 1_000 }] });
    const at = new Date(start);
    expect(['a', 'b', 'c', 'd', 'a'].map((key) => pace.take([one(key), all], at))).toEqual([
      0, 0, 0, 1_000, 1_000,
    ]);
  });

  it('counts what did not wait, and waits when it is told to', () => {
    const pace = createPace();
    const meter: Meter = { key: 'c', limits: [{ most: 1, within: 1_000 }] };
    pace.note([meter], new Date(start));
    expect(pace.take([meter], new Date(start + 400))).toBe(600);
    pace.hold('c', new Date(start + 9_000));
    expect(pace.take([meter], new Date(start + 2_000))).toBe(7_000);
  });

  it('forgets whoever was to wait and did not come', () => {
    const pace = createPace();
    const meter: Meter = { key: 'c', limits: [{ most: 1, within: 1_000 }] };
    for (let i = 0; i < 10; i++) pace.take([meter], new Date(start));
    expect(pace.take([meter], new Date(start + 60_000))).toBe(0);
  });
});

describe('the pace in Slack', () => {
  it('is one message a second in each channel, and fifty edits a minute in all', () => {
    let now = start;
    const pace = slackPace(() => new Date(now));
    const to = (id: string) => ({ kind: 'channel', id }) as const;
    expect(pace.turn(to('C1'), 'post')).toBe(0);
    expect(pace.turn(to('C2'), 'post')).toBe(0);
    expect(pace.turn(to('C1'), 'post')).toBe(1_000);
    const edits = Array.from({ length: 51 }, () => pace.turn(to('C1'), 'edit'));
    expect(edits.slice(0, 50).every((wait) => wait === 0)).toBe(true);
    expect(edits[50]).toBe(60_000);
    now += 5_000;
    pace.hold('post', 'C2', 7_000);
    expect(pace.turn(to('C2'), 'post')).toBe(7_000);
    expect(pace.turn(to('C3'), 'post')).toBe(0);
  });
});
