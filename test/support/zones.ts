/** What clocks show, from Intl alone: an oracle that shares nothing with the code under test but the zone data. */

/** DST both ways, half-hour DST, skipped days, midnight gaps, Ramadan rules, odd offsets, none at all. */
export const zones = [
  'America/New_York',
  'Europe/Berlin',
  'Australia/Lord_Howe',
  'Asia/Gaza',
  'Pacific/Apia',
  'America/Sao_Paulo',
  'America/Santiago',
  'America/Havana',
  'America/St_Johns',
  'Africa/Cairo',
  'Africa/Casablanca',
  'Europe/Dublin',
  'Asia/Beirut',
  'Asia/Kathmandu',
  'Pacific/Chatham',
  'Pacific/Kwajalein',
  'Antarctica/Troll',
  'UTC',
] as const;

const minute = 60_000;
const hour = 60 * minute;
const formats = new Map<string, Intl.DateTimeFormat>();

const formatOf = (zone: string): Intl.DateTimeFormat => {
  const known = formats.get(zone);
  if (known !== undefined) return known;
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone: zone,
    calendar: 'gregory',
    hourCycle: 'h23',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
  });
  formats.set(zone, format);
  return format;
};

/** `2026-11-25 12:00`: what a clock of the zone shows. */
export const reading = (at: number, zone: string): string => {
  const parts = new Map(
    formatOf(zone)
      .formatToParts(at)
      .map(({ type, value }) => [type, value]),
  );
  const part = (type: Intl.DateTimeFormatPartTypes) => parts.get(type);
  return `${part('year')}-${part('month')}-${part('day')} ${part('hour')}:${part('minute')}`;
};

/** The reading as if it were UTC: its milliseconds are those of a clock that never jumps. */
export const wallMs = (local: string): number => Date.parse(`${local.replace(' ', 'T')}Z`);
export const wallText = (ms: number): string => new Date(ms).toISOString().slice(0, 16).replace('T', ' ');

const offsetAt = (at: number, zone: string): number => wallMs(reading(at, zone)) - at;

/** Every instant at which the zone's clocks show this time; for a time in a gap, none and the one meant. */
export const shownAt = (local: string, zone: string): { instants: readonly number[]; afterGap: number } => {
  const wall = wallMs(local);
  const around = Array.from({ length: 97 }, (_, n) => wall + (n - 48) * hour);
  const offsets = new Set(around.map((at) => offsetAt(at, zone)));
  const instants = [...offsets]
    .map((offset) => wall - offset)
    .filter((at) => reading(at, zone) === local)
    .sort((a, b) => a - b);
  const before = around.filter((at) => reading(at, zone) < local).at(-1) ?? wall;
  return { instants, afterGap: wall - offsetAt(before, zone) };
};

/** Instants of the year at which the zone's clocks jump, to the minute. */
export const jumps = (zone: string, year: number): readonly number[] => {
  const start = Date.UTC(year, 0, 1);
  const stride = 4 * 24 * hour;
  return Array.from({ length: 92 }, (_, n) => start + n * stride).flatMap((from) => {
    let [low, high] = [from, from + stride];
    if (offsetAt(low, zone) === offsetAt(high, zone)) return [];
    while (high - low > minute) {
      const middle = low + Math.floor((high - low) / minute / 2) * minute;
      if (offsetAt(middle, zone) === offsetAt(from, zone)) low = middle;
      else high = middle;
    }
    return [high];
  });
};
