import { debtsCard } from '../src/cards/debt-cards.ts';
import type { Reply } from '../src/chat/reply.ts';
import { describeDebts, letBoard, settle, takeOver } from '../src/operations/settle-obligation.ts';
import type { Call, Handler } from './handler.ts';
import { toAsker } from './show.ts';
import { reasonOf, subjectOf, textOf } from './words.ts';

const showDebts = async ({ context, request }: Call, team?: string): Promise<Reply> => {
  const { obligations, exceptions, policy, now } = await describeDebts(context, team, request.receivedAt);
  return toAsker(debtsCard(obligations, exceptions, policy, now));
};

export const changeDebts: readonly Handler[] = [
  {
    verb: 'change debts',
    usage: '[<team>]',
    summary: 'what is owed after exceptions, and how often each team asked for one',
    subject: 'optional',
    show: (call) => showDebts(call, call.request.subject),
  },
  {
    verb: 'change settle',
    usage: '<OBL-n> <what was done, or a link>',
    summary: 'say that something owed is done',
    subject: 'required',
    act: ({ context, cause, request }) => {
      const note = textOf(request.args);
      return settle(context, cause, {
        obligation: subjectOf(request),
        ...(note === undefined ? {} : { note }),
      });
    },
    show: (call) => showDebts(call),
  },
  {
    verb: 'change take-over',
    usage: '<OBL-n> [person]',
    summary: 'owe something instead of somebody who is away, or hand it to a person',
    subject: 'required',
    act: ({ context, cause, request }) => {
      const [to] = request.args;
      return takeOver(context, cause, {
        obligation: subjectOf(request),
        ...(to === undefined ? {} : { to }),
      });
    },
    show: (call) => showDebts(call),
  },
  {
    verb: 'change let-board',
    usage: '<team> <reason…>',
    summary: 'operations: let a team board the next train in spite of what it owes',
    subject: 'required',
    act: ({ context, cause, request }) =>
      letBoard(context, cause, { team: subjectOf(request), ...reasonOf(request, request.args) }),
    show: (call) => showDebts(call),
  },
];
