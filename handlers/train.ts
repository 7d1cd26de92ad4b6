import { exceptionBlocks } from '../src/cards/debt-cards.ts';
import { driftBlocks } from '../src/cards/mirror-card.ts';
import { runSheetCard } from '../src/cards/run-sheet-card.ts';
import { calendarCard, trainCard } from '../src/cards/train-card.ts';
import { describeTrain } from '../src/operations/describe.ts';
import { describeMirror } from '../src/operations/describe-mirror.ts';
import { calendarFrom, followingTrainId, latestSheet } from '../src/operations/find-train.ts';
import { describeDebts } from '../src/operations/settle-obligation.ts';
import type { Handler } from './handler.ts';
import { showTrain, toAsker } from './show.ts';

/** Weeks that `train calendar` shows when none are named, and at most. */
const weeks = { usual: 2, most: 12 } as const;

export const train: readonly Handler[] = [
  {
    verb: 'train',
    usage: '[<train>]',
    summary: 'where the current train stands',
    show: (call) => showTrain(call, call.request.subject),
  },
  {
    verb: 'train status',
    usage: '[<train>]',
    summary: 'where a train stands, and whose move it is',
    subject: 'optional',
    show: (call) => showTrain(call, call.request.subject),
  },
  {
    verb: 'train next',
    usage: '',
    summary: 'the train after the current one',
    show: async ({ context, request: { receivedAt } }) =>
      toAsker(
        trainCard(await describeTrain(context, await followingTrainId(context, receivedAt), receivedAt)),
      ),
  },
  {
    verb: 'train calendar',
    usage: '[weeks]',
    summary: 'cutoffs, meetings, windows and freezes to come',
    show: async ({ context, request: { args, receivedAt } }) => {
      const wanted = Math.trunc(Number(args[0]));
      const shown = wanted >= 1 ? Math.min(wanted, weeks.most) : weeks.usual;
      return toAsker(calendarCard(calendarFrom(context, receivedAt, shown), context.policy().timezone));
    },
  },
  {
    verb: 'train report',
    usage: '[<train>]',
    summary: 'the run-sheet of the last cutoff, for everybody here',
    subject: 'optional',
    show: async ({ context, request: { subject, receivedAt } }) => {
      const card = runSheetCard(await latestSheet(context, subject, receivedAt), context.policy());
      const { exceptions } = await describeDebts(context, undefined, receivedAt);
      const drift = driftBlocks(await describeMirror(context, undefined, receivedAt));
      return {
        card: { ...card, blocks: [...card.blocks, ...drift, ...exceptionBlocks(exceptions)] },
        audience: 'channel',
      };
    },
  },
];
