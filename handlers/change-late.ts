import { askLate } from '../src/operations/ask-late.ts';
import type { Handler } from './handler.ts';
import { showChange } from './show.ts';
import { reasonOf, subjectOf } from './words.ts';

export const changeLate: readonly Handler[] = [
  {
    verb: 'change late',
    usage: '<CHG-n> [reason…] [--reason …]',
    summary: 'back to the train that a change missed: collects the signatures that this costs',
    subject: 'required',
    act: ({ context, cause, request }) =>
      askLate(context, cause, { change: subjectOf(request), ...reasonOf(request, request.args) }),
    show: showChange,
  },
];
