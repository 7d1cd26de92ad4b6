import { changeListCard, whyCard } from '../src/cards/change-card.ts';
import type { Reply } from '../src/chat/reply.ts';
import { describeChange } from '../src/operations/describe.ts';
import { changesFor, changesOf } from '../src/operations/find-changes.ts';
import type { Call, Handler } from './handler.ts';
import { showChange, toAsker } from './show.ts';
import { asTrain, subjectOf } from './words.ts';

/** What waits for the asker; who is not waited for sees what there is. */
const mostUseful = async (call: Call): Promise<Reply> => {
  const { context, person, request } = call;
  if (request.subject !== undefined) return showChange(call);
  const mine = await changesFor(context, person, request.receivedAt);
  return mine.length > 0 ? toAsker(changeListCard('Your changes, and what waits for you', mine)) : list(call);
};

const list = async ({ context, request: { subject, receivedAt } }: Call): Promise<Reply> => {
  const views = await changesOf(context, asTrain(subject) ?? subject, receivedAt);
  return toAsker(changeListCard(subject === undefined ? 'Open changes' : `Changes of ${subject}`, views));
};

export const change: readonly Handler[] = [
  {
    verb: 'change',
    usage: '[CHG-n]',
    summary: 'your changes, and those that wait for you',
    show: mostUseful,
  },
  {
    verb: 'change list',
    usage: '[<train>|<service>]',
    summary: 'all open changes, or those of a train or a service',
    subject: 'optional',
    show: list,
  },
  {
    verb: 'change show',
    usage: '<CHG-n>',
    summary: 'the card of a change',
    subject: 'required',
    show: showChange,
  },
  {
    verb: 'change why',
    usage: '<CHG-n>',
    summary: 'why a change cannot go on: what is missing, and whose move it is',
    subject: 'required',
    show: async ({ context, request }) =>
      toAsker(whyCard(await describeChange(context, subjectOf(request), request.receivedAt))),
  },
];
