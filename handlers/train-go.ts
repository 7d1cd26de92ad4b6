import { decideCard } from '../src/cards/decide-card.ts';
import { decideGo } from '../src/operations/decide-go.ts';
import { describeTrain } from '../src/operations/describe.ts';
import { currentTrainId } from '../src/operations/find-train.ts';
import { decideForm, decideRows } from './decide-form.ts';
import type { Call, Handler } from './handler.ts';
import { reasonForm } from './reason-form.ts';
import { showTrainOrChange, toAsker } from './show.ts';
import { asChange, asTrain, isPress, reasonOf } from './words.ts';

/** `train nogo CHG-3 too risky`, `train nogo weekly-2026-W48 …` and `train nogo too risky` are all understood. */
const decide = async (go: 'go' | 'nogo', { context, cause, request }: Call): Promise<void> => {
  const { subject, args } = request;
  const named = asChange(subject) ?? asTrain(subject);
  const words = named === undefined && subject !== undefined ? [subject, ...args] : args;
  const given = reasonOf(request, words);
  const reason = given.reason ?? (go === 'nogo' && isPress(request) ? 'decided at the meeting' : undefined);
  await decideGo(context, cause, {
    go,
    subject: named ?? (await currentTrainId(context, request.receivedAt)),
    ...(reason === undefined ? {} : { reason }),
  });
};

export const trainGo: readonly Handler[] = [
  {
    verb: 'train go',
    usage: '[<train>|CHG-n] [note…]',
    summary: 'let a train, or one change of it, into production',
    subject: 'optional',
    act: (call) => decide('go', call),
    show: showTrainOrChange,
  },
  {
    verb: 'train nogo',
    usage: '[<train>|CHG-n] <reason…>',
    summary: 'keep a train, or one change of it, out of production',
    subject: 'optional',
    act: (call) => decide('nogo', call),
    show: showTrainOrChange,
    form: reasonForm('No-go'),
  },
  {
    verb: 'train decide',
    usage: '[<train>]',
    summary: 'go or no-go, change by change',
    subject: 'optional',
    act: decideRows,
    show: async ({ context, request }) =>
      toAsker(decideCard(await describeTrain(context, asTrain(request.subject), request.receivedAt))),
    form: decideForm,
  },
];
