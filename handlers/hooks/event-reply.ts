import type { EventOutcome } from '../../src/operations/record-event.ts';

/** 202 for what is taken and counts for nothing: senders do not try again, and their logs have the reason. */
export const eventReply = (outcome: EventOutcome) =>
  ({ status: outcome.status === 'ignored' ? 202 : 200, body: outcome }) as const;
