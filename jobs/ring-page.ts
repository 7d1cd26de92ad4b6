import type { Context } from '../src/operations/context.ts';
import { ringPage } from '../src/operations/ring-page.ts';

export const ringPageJob =
  (context: Context) =>
  ({ id }: { readonly id: number }): Promise<void> =>
    ringPage(context, id);
