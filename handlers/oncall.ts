import { oncallCard } from '../src/cards/oncall-card.ts';
import type { Reply } from '../src/chat/reply.ts';
import { describeOncall } from '../src/operations/find-pages.ts';
import type { Call, Handler } from './handler.ts';
import { toAsker } from './show.ts';

export const showOncall = async ({ context, request }: Call, schedule = request.subject): Promise<Reply> =>
  toAsker(oncallCard(await describeOncall(context, schedule, request.receivedAt)));

export const oncall: readonly Handler[] = [
  { verb: 'oncall', usage: '', summary: 'who is on call now', show: (call) => showOncall(call, undefined) },
  {
    verb: 'oncall who',
    usage: '[schedule]',
    summary: 'who is on call now, why, and who is next',
    subject: 'optional',
    show: (call) => showOncall(call),
  },
];
