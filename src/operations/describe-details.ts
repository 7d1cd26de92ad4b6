import type { DetailsView } from '../domain/view.ts';
import { listChanges } from '../store/changes.ts';
import type { Context } from './context.ts';
import { describeFiles, describeTrain } from './describe.ts';
import { changeNamed } from './find.ts';
import { refuse } from './outcome.ts';

/** What stands in the thread below the card of a change or a train. Reads only. */
export const describeDetails = async (context: Context, card: string, now: Date): Promise<DetailsView> => {
  const { db } = context.store;
  if (!card.startsWith('CHG-'))
    return {
      kind: 'train',
      train: await describeTrain(context, card, now),
      files: await describeFiles(context, await listChanges(db, { train: card }), now),
    };
  const [file] = await describeFiles(context, [await changeNamed({ db }, card, 'read')], now);
  return { kind: 'change', file: file ?? refuse({ code: 'unknown-change', facts: { change: card } }) };
};
