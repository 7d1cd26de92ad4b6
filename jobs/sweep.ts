import type { Context } from '../src/operations/context.ts';
import { sweep } from '../src/operations/sweep.ts';

export const sweepJob = (context: Context) => (): Promise<void> => sweep(context);
