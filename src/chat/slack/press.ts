import { z } from 'zod';

/** What a press sends back: nothing that could go stale (see `Button`). */
export const Press = z.object({ verb: z.string(), subject: z.string(), args: z.array(z.string()) });
export type Press = z.infer<typeof Press>;

/** The header of an answer: nobody but the one who asked has it, so a press may redraw it at once. */
export const answerBlockId = 'answer';
