import { within } from '../queue/within.ts';
import { ping, type Stock, takeStockOf } from '../store/stock.ts';
import type { Context } from './context.ts';

/** Real milliseconds: whoever watches asks again soon, and must not queue up behind a database that hangs. */
const limitMs = 2_000;

/** Rejects when the database does not answer within two seconds. */
export const checkDatabase = ({ store }: Context): Promise<void> =>
  within(limitMs, 'the database', ping(store.db));

/** Rejects when it cannot be counted within two seconds. */
export const takeStock = ({ store, clock }: Context): Promise<Stock> =>
  within(limitMs, 'taking stock', takeStockOf(store.db, clock.now()));
