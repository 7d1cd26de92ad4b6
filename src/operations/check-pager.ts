import { minute } from '../domain/time.ts';
import { sendsDue } from '../store/page-sends.ts';
import { livePages } from '../store/pages.ts';
import type { Context } from './context.ts';
import { hasFailedDrill } from './drill.ts';

/** A send may be in the hands of a sender that died, whose lease ends first. */
const longestSendMs = 3 * minute;

export interface PagerState {
  /** Pages whose timer passed more than a minute ago and moved nothing (L10, seen from outside). */
  readonly overdue: number;
  /** Messages and calls that should have left and did not. */
  readonly stuck: number;
  readonly drillFailed: boolean;
}

export const auditPager = async (context: Context): Promise<PagerState> => {
  const { db } = context.store;
  const ago = (ms: number): Date => new Date(context.clock.now().getTime() - ms);
  return {
    overdue: (await livePages(db, { dueBefore: ago(minute) })).length,
    stuck: (await sendsDue(db, ago(longestSendMs))).length,
    drillFailed: await hasFailedDrill(context),
  };
};

/** Whether pages go out, as far as it can be known. */
export const isPagerSound = async (context: Context): Promise<boolean> => {
  const { overdue, stuck, drillFailed } = await auditPager(context);
  return overdue === 0 && stuck === 0 && !drillFailed;
};
