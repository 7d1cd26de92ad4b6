import { moveChange, withdrawChange } from '../src/operations/move-change.ts';
import type { Handler } from './handler.ts';
import { showChange } from './show.ts';
import { asTrain, reasonOf, subjectOf } from './words.ts';

export const changeMove: readonly Handler[] = [
  {
    verb: 'change move',
    usage: '<CHG-n> [<train>] [reason…]',
    summary: 'put a change on another train; the next one when none is named',
    subject: 'required',
    act: ({ context, cause, request }) => {
      const to = asTrain(request.args[0]);
      return moveChange(context, cause, {
        change: subjectOf(request),
        ...(to === undefined
          ? reasonOf(request, request.args)
          : { to, ...reasonOf(request, request.args.slice(1)) }),
      });
    },
    show: showChange,
  },
  {
    verb: 'change withdraw',
    usage: '<CHG-n> [reason…]',
    summary: 'take a change back for good',
    subject: 'required',
    act: ({ context, cause, request }) =>
      withdrawChange(context, cause, { change: subjectOf(request), ...reasonOf(request, request.args) }),
    show: showChange,
  },
];
