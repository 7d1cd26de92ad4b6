import { oncallCard, shiftsCard } from '../src/cards/oncall-card.ts';
import type { Reply } from '../src/chat/reply.ts';
import { answerSwap, askSwap, goAway, overrideSchedule } from '../src/operations/change-roster.ts';
import { comingShifts, describeOncall } from '../src/operations/find-pages.ts';
import type { Call, Handler } from './handler.ts';
import { toAsker } from './show.ts';
import { subjectOf } from './words.ts';

export const showOncall = async (
  { context, request }: Call,
  schedule = request.subject,
  at?: string,
): Promise<Reply> => toAsker(oncallCard(await describeOncall(context, schedule, request.receivedAt, at)));

export const oncall: readonly Handler[] = [
  { verb: 'oncall', usage: '', summary: 'who is on call now', show: (call) => showOncall(call, undefined) },
  {
    verb: 'oncall who',
    usage: '[schedule] [at]',
    summary: 'who is on call, now or at a time such as 2026-11-28T22:10, why, and who is next',
    subject: 'optional',
    show: (call) => showOncall(call, call.request.subject, call.request.args[0]),
  },
  {
    verb: 'oncall schedule',
    usage: '[schedule]',
    summary: 'the shifts of the coming two weeks',
    subject: 'optional',
    show: (call) => showShifts(call),
  },
  {
    verb: 'oncall override',
    usage: '<schedule> <person> <from> <to>',
    summary: 'put somebody on call, whatever the rotation says: `now 4h`, or dates',
    subject: 'required',
    act: ({ context, cause, request }) =>
      overrideSchedule(context, cause, {
        schedule: subjectOf(request),
        person: request.args[0] ?? '',
        period: request.args.slice(1),
      }),
    show: (call) => showShifts(call),
  },
  {
    verb: 'oncall away',
    usage: '<from> <to> [--stand-in person] [--person person]',
    summary: 'say when you are away, and who signs meanwhile: the next ones of your rotations take over',
    act: ({ context, cause, request: { args, flags = {} } }) =>
      goAway(context, cause, {
        period: args,
        ...(flags['person'] === undefined ? {} : { person: flags['person'] }),
        ...(flags['stand-in'] === undefined ? {} : { standIn: flags['stand-in'] }),
      }),
    show: (call) => showOncall(call, undefined),
  },
  {
    verb: 'oncall swap',
    usage: '<schedule> <person> <from> <to> [--back from/to]',
    summary: 'ask somebody to take your duty, in return for theirs',
    subject: 'required',
    act: ({ context, cause, request }) => {
      const back = request.flags?.['back'];
      return askSwap(context, cause, {
        schedule: subjectOf(request),
        person: request.args[0] ?? '',
        period: request.args.slice(1),
        ...(back === undefined ? {} : { back: back.split('/') }),
      });
    },
    show: (call) => showShifts(call),
  },
  {
    verb: 'oncall agree',
    usage: '<SWAP-n>',
    summary: 'take the duty that somebody asked you to take',
    subject: 'required',
    act: ({ context, cause, request }) =>
      answerSwap(context, cause, { swap: subjectOf(request), agree: true }),
    show: (call) => showOncall(call, undefined),
  },
  {
    verb: 'oncall decline',
    usage: '<SWAP-n>',
    summary: 'leave the duty with whoever asked',
    subject: 'required',
    act: ({ context, cause, request }) =>
      answerSwap(context, cause, { swap: subjectOf(request), agree: false }),
    show: (call) => showOncall(call, undefined),
  },
];

const showShifts = async ({ context, request }: Call): Promise<Reply> => {
  const { schedule, shifts } = await comingShifts(context, request.subject, request.receivedAt);
  return toAsker(shiftsCard(schedule, shifts, context.policy()));
};
