import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { silentLog } from '../../src/log.ts';
import { connectQueue } from '../../src/queue/backend.ts';
import { createBell, ringIdentity } from '../../src/queue/bell.ts';
import type { QueueBackend } from '../../src/queue/bull.ts';
import { jobNames } from '../../src/queue/jobs.ts';
import { freePort } from '../../src/store/embedded/server.ts';

const text = fc.string({ unit: 'binary' });
const ring = fc.record({
  name: fc.constantFrom(...jobNames),
  payload: fc.oneof(fc.record({ id: fc.integer() }), fc.record({ lane: text }), fc.record({ subject: text })),
  options: fc.record({ at: fc.date({ noInvalidDate: true }), key: text }, { requiredKeys: [] }),
});

const delayOf = async (wait: number): Promise<number> => {
  let delay = Number.NaN;
  const never = (): never => {
    throw new Error('not expected');
  };
  const backend: QueueBackend = {
    kind: 'postgres',
    add: async (_name, _payload, { delayMs }) => {
      delay = delayMs;
    },
    consume: never,
    ready: async () => {},
    ping: never,
    counts: never,
    close: never,
  };
  const bell = createBell(backend, { now: () => new Date(0), msUntil: () => wait }, silentLog);
  await bell.ringOrThrow('sweep', {}, { at: new Date(0) });
  return delay;
};

describe('a ring', () => {
  test('has an identity that BullMQ accepts: no colon, and no number', () => {
    fc.assert(
      fc.property(ring, ({ name, payload, options }) => {
        const identity = ringIdentity(name, payload, options);
        expect(identity).not.toContain(':');
        expect(Number(identity)).toBeNaN();
      }),
    );
  });

  test('is the same as another exactly when name, payload, time and key are', () => {
    fc.assert(
      fc.property(ring, ring, (a, b) => {
        const same =
          JSON.stringify([a.name, a.payload, a.options]) === JSON.stringify([b.name, b.payload, b.options]);
        const [left, right] = [a, b].map((r) => ringIdentity(r.name, r.payload, r.options));
        expect(left === right).toBe(same);
      }),
    );
    expect(ringIdentity('ring-deadline', { id: 1 }, { key: '1' })).not.toBe(
      ringIdentity('ring-deadline', { id: 1 }, { at: new Date(1) }),
    );
  });

  test('is never early by a fraction, never in the past, and never further away than a queue can hold', async () => {
    expect(await delayOf(10.2)).toBe(11);
    expect(await delayOf(-5)).toBe(0);
    expect(await delayOf(Number.MAX_SAFE_INTEGER)).toBeLessThan(2 ** 31);
  });
});

describe('connecting', () => {
  test.each(['postgres', 'redis'])(
    'to a %s that does not answer is refused, and leaves nothing behind',
    async (kind) => {
      const url = `${kind}://127.0.0.1:${await freePort()}/x`;
      const settings = kind === 'redis' ? { databaseUrl: 'unused', redisUrl: url } : { databaseUrl: url };
      await expect(connectQueue(settings, silentLog)).rejects.toThrow();
    },
  );
});
