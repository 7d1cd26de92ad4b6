import { z } from 'zod';

/** What a press sends back: nothing that could go stale (see `Button`). */
export const Press = z.object({
  verb: z.string(),
  subject: z.string(),
  args: z.array(z.string()),
  /** What the card is about, on answers: Slack does not say which one was pressed. */
  card: z.string().optional(),
});
export type Press = z.infer<typeof Press>;

/** What a card is about, whatever its state: `✅ CHG-3 checkout 1.2 · normal` is `CHG-3 checkout 1.2`. */
export const nameIn = (title: string): string =>
  title
    .replace(/^[^\p{L}\p{N}]+/u, '')
    .split(' · ', 1)[0]
    ?.slice(0, 100) ?? '';

/** The header of an answer: nobody but the one who asked has it, so a press may redraw it at once. */
export const answerBlockId = 'answer';
