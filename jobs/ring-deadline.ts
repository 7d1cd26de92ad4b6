import type { Context } from '../src/operations/context.ts';
import { ringDeadline } from '../src/operations/ring-deadline.ts';

export const ringDeadlineJob =
  (context: Context) =>
  ({ id }: { readonly id: number }): Promise<void> =>
    ringDeadline(context, id);
