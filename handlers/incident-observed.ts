import { unrecordedCard, unrecordedListCard } from '../src/cards/observed-cards.ts';
import type { Reply } from '../src/chat/reply.ts';
import type { Request } from '../src/chat/request.ts';
import {
  type Answer,
  claimUnrecorded,
  denyUnrecorded,
  describeUnrecorded,
  listUnrecorded,
} from '../src/operations/answer-unrecorded.ts';
import type { Call, Handler } from './handler.ts';
import { toAsker } from './show.ts';
import { subjectOf, textOf } from './words.ts';

const answerOf = (request: Request): Answer => {
  const { severity, who } = request.flags ?? {};
  const what = textOf(request.args);
  return {
    observed: subjectOf(request),
    ...(what === undefined ? {} : { what }),
    ...(severity === undefined ? {} : { severity }),
    ...(who === undefined ? {} : { who }),
  };
};

const showObserved = async ({ context, request }: Call): Promise<Reply> =>
  toAsker(
    request.subject === undefined
      ? unrecordedListCard(await listUnrecorded(context), context.policy())
      : unrecordedCard(await describeUnrecorded(context, request.subject), context.policy()),
  );

/** What was seen in production and nobody had recorded. */
export const incidentObserved: readonly Handler[] = [
  {
    verb: 'incident observed',
    usage: '[OBS-n]',
    summary: 'what was seen in production and nobody has recorded',
    subject: 'optional',
    show: showObserved,
  },
  {
    verb: 'incident claim',
    usage: '<OBS-n> [what was done] [--severity minor|major|outage] [--who person]',
    summary: 'it was done, and is documented after; it leaves debts',
    subject: 'required',
    act: ({ context, cause, request }) => claimUnrecorded(context, cause, answerOf(request)),
    show: showObserved,
  },
  {
    verb: 'incident deny',
    usage: '<OBS-n> [what you know] [--severity minor|major|outage] [--who lead]',
    summary: 'nobody knows of it: it becomes an incident',
    subject: 'required',
    act: ({ context, cause, request }) => denyUnrecorded(context, cause, answerOf(request)),
    show: showObserved,
  },
];
