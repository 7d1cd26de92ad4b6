import type { Block, Card, Mark } from '../chat/card.ts';
import type { TimetableEntry, TimetableKind } from '../domain/timetable.ts';
import { clockTime, count, cutoffName, spaced } from './words.ts';

/** What is to come, by day. Reminders are left out: they find their people by themselves. */
export const calendarCard = (entries: readonly TimetableEntry[], zone: string): Card => {
  const shown = entries.filter((entry) => entry.kind !== 'reminder');
  return {
    title: 'Timetable',
    tone: 'neutral',
    summary: told(shown),
    blocks: calendarBlocks(shown, zone),
    buttons: [],
  };
};

export const calendarBlocks = (entries: readonly TimetableEntry[], zone: string): readonly Block[] => {
  const [kept, rest] = [entries.slice(0, 20), entries.length - 20];
  const days = new Map<string, readonly TimetableEntry[]>();
  for (const entry of kept) {
    const date = entry.local.slice(0, 10);
    days.set(date, [...(days.get(date) ?? []), entry]);
  }
  return [
    ...(kept.length === 0 ? [{ kind: 'text' as const, text: [told(entries)] }] : []),
    ...[...days.values()].flatMap(dayBlocks),
    {
      kind: 'note',
      text: [...(rest > 0 ? [`And ${rest} more. `] : []), `The policy’s clocks show ${zone} time.`],
    },
  ];
};

const told = (entries: readonly TimetableEntry[]): string => {
  const [first] = entries;
  return first === undefined
    ? 'Nothing is on the timetable in this time.'
    : `${count(entries.length, 'event')}; the first is ${entryWords(first)} on ${first.local}.`;
};

const dayBlocks = (entries: readonly TimetableEntry[]): readonly Block[] => {
  const [first] = entries;
  if (first === undefined) return [];
  return [
    { kind: 'text', text: [{ kind: 'time', at: first.at, style: 'date' }] },
    {
      kind: 'list',
      items: entries.map((entry) => ({
        mark: entryMarks[entry.kind],
        text: [
          clockTime(entry.at),
          `  ${entryWords(entry)}${entry.train === undefined ? '' : ` · ${entry.train}`}`,
        ],
      })),
    },
  ];
};

const entryMarks: Readonly<Record<TimetableKind, Mark>> = {
  reminder: 'none',
  cutoff: 'missing',
  meeting: 'none',
  'window-opens': 'running',
  'window-closes': 'none',
  'freeze-begins': 'failed',
  'freeze-ends': 'none',
};

const entryWords = ({ kind, name }: TimetableEntry): string => {
  const words: Readonly<Record<TimetableKind, string>> = {
    reminder: `reminder of ${cutoffName(name)}`,
    cutoff: `cutoff ${cutoffName(name)}`,
    meeting: `meeting after ${cutoffName(name)}`,
    'window-opens': `window ${spaced(name)} opens`,
    'window-closes': `window ${spaced(name)} closes`,
    'freeze-begins': `freeze begins: ${name}`,
    'freeze-ends': `freeze ends: ${name}`,
  };
  return words[kind];
};
