import { resolveLocal } from '../src/domain/time.ts';
import { timetable as timetableOf } from '../src/domain/timetable.ts';
import { examplePolicy } from './server.ts';
import { interleaved, median, ms, type Row, ratioOf } from './support.ts';

const from = new Date('2026-01-01T00:00:00Z');
const inYears = (years: number): Date => new Date(Date.UTC(2026 + years, 0, 1));

/** A year of the example's timetable, against resolving as many wall-clock times as it has entries; and ten years. */
export const timetable = async (): Promise<readonly Row[]> => {
  const policy = await examplePolicy();
  const entries = timetableOf(policy, from, inYears(1));
  const samples = await interleaved(
    {
      floor: () => {
        for (const { local } of entries) resolveLocal(local, policy.timezone);
      },
      year: () => timetableOf(policy, from, inYears(1)),
      decade: () => timetableOf(policy, from, inYears(10)),
    },
    { rounds: 5, calls: 5 },
  );
  const year = ms(median(samples.year.flat()));
  return [
    {
      what: `timetable of a year (${entries.length} entries)`,
      figure: year,
      floor: `as many wall-clock times resolved ${ms(median(samples.floor.flat()))}`,
      ratio: ratioOf(samples.year, samples.floor),
    },
    {
      what: 'timetable of ten years, per year',
      figure: `${ms(median(samples.decade.flat()))} in all`,
      floor: `one year ${year}`,
      ratio: ratioOf(samples.decade, samples.year) / 10,
      aim: 1.3,
    },
  ];
};
