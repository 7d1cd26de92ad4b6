import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { scaledClock, scaledClockFrom, systemClock, testClock } from '../src/clock.ts';
import { day, hour } from '../src/domain/time.ts';

const start = Date.parse('2026-11-23T09:00:00Z');

/** Real time by hand, and a clock of 100 × its pace. */
const rig = (pace = 100) => {
  const world = { now: 1_000_000 };
  const clock = scaledClockFrom({ origin: start, realOrigin: world.now, pace }, () => world.now);
  return { world, clock };
};

const pace = fc.double({ min: 0.01, max: 100_000, noNaN: true });
const event = fc.oneof(
  fc.record({ kind: fc.constant('wait' as const), ms: fc.integer({ min: -5_000, max: 60_000 }) }),
  fc.record({ kind: fc.constant('pace' as const), pace }),
  fc.record({ kind: fc.constant('leap' as const), ms: fc.integer({ min: -day, max: 7 * day }) }),
  fc.record({ kind: fc.constant('follow' as const), pace, ms: fc.integer({ min: -day, max: day }) }),
);

describe('a scaled clock', () => {
  it('passes its pace in every real millisecond', () => {
    const { world, clock } = rig(100);
    world.now += 36_000;
    expect(clock.now()).toEqual(new Date(start + hour));
  });

  it('never goes back, whatever happens to its pace, to the real time or to the clock it follows', () => {
    fc.assert(
      fc.property(fc.array(event, { maxLength: 30 }), (events) => {
        const { world, clock } = rig();
        for (const happening of events) {
          const before = clock.now().getTime();
          switch (happening.kind) {
            case 'wait':
              world.now += happening.ms;
              break;
            case 'pace':
              clock.setPace(happening.pace);
              break;
            case 'leap':
              clock.leap(new Date(before + happening.ms));
              break;
            case 'follow':
              clock.follow({ origin: before + happening.ms, realOrigin: world.now, pace: happening.pace });
              break;
          }
          expect(clock.now().getTime()).toBeGreaterThanOrEqual(before);
        }
      }),
    );
  });

  it('does not jump when its pace changes', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.integer({ min: 0, max: 60_000 }), pace)), (changes) => {
        const { world, clock } = rig();
        for (const [ms, next] of changes) {
          world.now += ms;
          const before = clock.now();
          clock.setPace(next);
          expect(clock.now()).toEqual(before);
        }
      }),
    );
  });

  it('shows the instant once the real milliseconds until it have passed, and not before', () => {
    fc.assert(
      fc.property(pace, fc.integer({ min: 1, max: 7 * day }), (its, ahead) => {
        const { world, clock } = rig(its);
        const instant = new Date(clock.now().getTime() + ahead);
        const wait = clock.msUntil(instant);
        const begun = world.now;
        world.now = begun + wait * 0.999;
        expect(clock.now().getTime()).toBeLessThanOrEqual(instant.getTime());
        world.now = begun + wait;
        expect(Math.abs(clock.now().getTime() - instant.getTime())).toBeLessThanOrEqual(1);
        world.now = begun + wait + 1;
        expect(clock.msUntil(instant)).toBeLessThanOrEqual(0);
      }),
    );
  });

  it('leaps forward only', () => {
    const { clock } = rig();
    clock.leap(new Date(start + day));
    expect(clock.now()).toEqual(new Date(start + day));
    clock.leap(new Date(start));
    expect(clock.now()).toEqual(new Date(start + day));
  });

  it('shows one time in several processes, also after it was sent as JSON', () => {
    const { world, clock } = rig();
    world.now += 777;
    clock.setPace(12.5);
    const other = scaledClockFrom(JSON.parse(JSON.stringify(clock.state())), () => world.now);
    world.now += 4_321;
    expect(other.now()).toEqual(clock.now());
    clock.leap(new Date(start + 3 * day));
    other.follow(clock.state());
    world.now += 99;
    expect(other.now()).toEqual(clock.now());
  });

  it('tells its listeners of every change until they leave, so that bells are rung anew', () => {
    const { clock } = rig();
    const paces: number[] = [];
    const leave = clock.onChange((state) => paces.push(state.pace));
    clock.setPace(5);
    clock.leap(new Date(start + day));
    leave();
    clock.setPace(7);
    expect(paces).toEqual([5, 5]);
  });

  it.each([0, -1, Number.NaN, Number.POSITIVE_INFINITY])('cannot run at pace %s', (impossible) => {
    const { clock } = rig();
    expect(() => clock.setPace(impossible)).toThrow(RangeError);
    expect(clock.state().pace).toBe(100);
  });

  it('begins at its origin', () => {
    const clock = scaledClock({ origin: new Date(start), pace: 1 });
    expect(clock.now().getTime() - start).toBeLessThan(10_000);
    expect(clock.now().getTime()).toBeGreaterThanOrEqual(start);
  });
});

describe('a test clock', () => {
  it('moves only when told', () => {
    const clock = testClock('2026-11-25T12:00:00Z');
    const noon = clock.now();
    expect(clock.msUntil(new Date(noon.getTime() + hour))).toBe(hour);
    clock.advance(hour);
    expect(clock.msUntil(noon)).toBe(-hour);
    clock.set(noon);
    expect(clock.now()).toEqual(noon);
  });
});

it('the system clock agrees with itself', () => {
  expect(Math.abs(systemClock.msUntil(systemClock.now()))).toBeLessThan(1_000);
});
