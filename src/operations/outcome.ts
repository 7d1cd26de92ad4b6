import { sqlState } from '../store/connection.ts';
import { openTrains } from '../store/trains.ts';
import type { Context } from './context.ts';

/** How an operation can end besides well, for those who answer people. */
export { type Refusal, Refused, refuse } from '../domain/refusal.ts';
export { type Cause, Repeated } from '../store/store.ts';

/** No address, no listener, no free place, not started up: nothing had been asked for yet. */
const beforehand = /^(ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|ENOENT|53300|57P03)$/;
/** The connection broke under way. Class 08: connection exceptions (PostgreSQL, appendix A). */
const underway = /^(ECONNRESET|EPIPE|ETIMEDOUT|57P01|57P02|08...)$/;

/**
 * Whether an error means that the database is away: `away` when it was certainly not reached, `lost` when what was
 * asked of it, a commit too, may have happened. The driver's errors without a code are told apart by asking it again.
 */
export const databaseTrouble = async (
  context: Context,
  error: unknown,
): Promise<'away' | 'lost' | undefined> => {
  const state = sqlState(error);
  if (beforehand.test(state)) return 'away';
  if (underway.test(state)) return 'lost';
  if (state !== '') return undefined;
  return openTrains(context.store.db).then(
    () => undefined,
    () => 'lost',
  );
};
