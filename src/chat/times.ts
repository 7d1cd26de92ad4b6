/** `Wed 25 Nov 12:00` and its parts, in the zone. The words are fixed: locale data differ between machines. */
export const timesIn = (zone: string): ((at: Date, style: 'time' | 'day-time' | 'date') => string) => {
  const known = formats.get(zone) ?? makeTimes(zone);
  formats.set(zone, known);
  return known;
};

/** Asked for with every time that is drawn; making one takes longer than using it. There are few zones. */
const formats = new Map<string, ReturnType<typeof timesIn>>();

const makeTimes = (zone: string): ReturnType<typeof timesIn> => {
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone: zone,
    hourCycle: 'h23',
    weekday: 'short',
    day: 'numeric',
    month: 'short',
    year: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
  });
  return (at, style) => {
    const part = Object.fromEntries(format.formatToParts(at).map(({ type, value }) => [type, value]));
    const { weekday, day, month, year, hour, minute } = part;
    if (style === 'time') return `${hour}:${minute}`;
    return style === 'date'
      ? `${weekday} ${day} ${month} ${year}`
      : `${weekday} ${day} ${month} ${hour}:${minute}`;
  };
};
