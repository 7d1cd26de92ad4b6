import type { QuietHours } from './policy.ts';
import { addDays, dateOf, formatLocal, resolveLocal } from './time.ts';

/** When the quiet hours end that the instant falls into; undefined when it falls into none (L13). */
export const quietUntil = (at: Date, quiet: QuietHours | undefined, zone: string): Date | undefined => {
  if (quiet === undefined || quiet.from === quiet.until) return undefined;
  const local = formatLocal(at, zone);
  const minute = Number(local.slice(-5, -3)) * 60 + Number(local.slice(-2));
  const overnight = quiet.until < quiet.from;
  const begun = minute >= quiet.from;
  const over = minute >= quiet.until;
  if (overnight ? !begun && over : !begun || over) return undefined;
  const nextDay = (overnight && begun) || quiet.until === 24 * 60;
  const date = nextDay ? addDays(dateOf(local), 1) : dateOf(local);
  const end = resolveLocal(`${date} ${timeText(quiet.until % (24 * 60))}`, zone, 'end').at;
  return end > at ? end : undefined;
};

const timeText = (minutes: number): string =>
  `${String(Math.floor(minutes / 60)).padStart(2, '0')}:${String(minutes % 60).padStart(2, '0')}`;
