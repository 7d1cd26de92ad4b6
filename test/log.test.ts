import { describe, expect, test } from 'vitest';
import { type Log, withoutRepeats } from '../src/log.ts';

const recorder = () => {
  const lines: { facts: object; message: string }[] = [];
  const take = (facts: object, message: string) => void lines.push({ facts, message });
  const log: Log = { info: take, warn: take, error: take };
  return { lines, log };
};

describe('an outage in the log', () => {
  test('is one warning in ten seconds, and the next says how many were left out', () => {
    const { lines, log } = recorder();
    let now = 0;
    const quiet = withoutRepeats(log, () => now);
    const err = new Error('the database system is starting up');
    for (; now < 25_000; now += 100) quiet.warn({ err }, 'A database connection was lost.');
    expect(lines).toHaveLength(3);
    expect(lines.map(({ facts }) => ('repeats' in facts ? facts.repeats : 0))).toEqual([0, 99, 99]);
  });

  test('does not hide another warning, nor any error or information', () => {
    const { lines, log } = recorder();
    const quiet = withoutRepeats(log, () => 0);
    quiet.warn({ err: new Error('one') }, 'queue error');
    quiet.warn({ err: new Error('two') }, 'queue error');
    for (const _ of [1, 2]) {
      quiet.error({}, 'The database server ended; starting it again.');
      quiet.info({}, 'The database server is back.');
    }
    expect(lines).toHaveLength(6);
  });
});
