import { expect, it } from 'vitest';
import { timeLeft } from '../../src/cards/words.ts';

const noon = new Date('2026-11-25T12:00:00Z');
const left = (now: string): unknown => timeLeft(noon, new Date(now))[0];

it('what is left counts from the minute that is shown', () => {
  expect(left('2026-11-25T10:00:00.150Z')).toBe('2 h left at ');
  expect(left('2026-11-25T10:00:59.999Z')).toBe('2 h left at ');
  expect(left('2026-11-25T10:01:00Z')).toBe('1 h 59 min left at ');
});

it('the last minute, and the instant itself', () => {
  expect(left('2026-11-25T11:58:59Z')).toBe('2 min left at ');
  expect(left('2026-11-25T11:59:30Z')).toBe('less than 1 min left at ');
  expect(timeLeft(noon, noon)).toEqual(['time is up']);
});
