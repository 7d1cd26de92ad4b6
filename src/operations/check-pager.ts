import { minute } from '../domain/time.ts';
import { livePages } from '../store/pages.ts';
import type { Context } from './context.ts';

/** Whether no page's timer passed more than a minute ago and moved nothing (L10, seen from outside). */
export const isPagerSound = async ({ store, clock }: Context): Promise<boolean> =>
  (await livePages(store.db, { dueBefore: new Date(clock.now().getTime() - minute) })).length === 0;
