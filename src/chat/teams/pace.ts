/** Of one bot in one conversation, as Teams documents them: so many in so many milliseconds. */
const limits = [
  { most: 7, within: 1_000 },
  { most: 8, within: 2_000 },
  { most: 60, within: 30_000 },
  { most: 1_800, within: 3_600_000 },
] as const;

/** Conversations that are remembered; the one longest unused is forgotten first. */
const remembered = 1_000;

export interface Pace {
  /** Milliseconds until a message may go to the conversation; 0 takes the place of one now. */
  take(conversation: string, now: Date): number;
}

/** Keeps what this process sends within Teams' limits; what several send together, Teams' 429 does. */
export const createPace = (): Pace => {
  const sent = new Map<string, number[]>();
  return {
    take: (conversation, now) => {
      const at = now.getTime();
      const times = (sent.get(conversation) ?? []).filter((time) => time > at - 3_600_000);
      const waits = limits.map(({ most, within }) => {
        const nth = times.at(-most);
        return nth === undefined ? 0 : nth + within - at;
      });
      const wait = Math.max(0, ...waits);
      if (wait === 0) times.push(at);
      sent.delete(conversation);
      sent.set(conversation, times);
      for (const oldest of sent.keys()) {
        if (sent.size <= remembered) break;
        sent.delete(oldest);
      }
      return wait;
    },
  };
};
