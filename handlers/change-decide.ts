import { approveChange, rejectChange, rescindDecision, vetoChange } from '../src/operations/decide-change.ts';
import { approvePolicy, isPolicy, rejectPolicy } from '../src/operations/decide-policy.ts';
import type { Handler } from './handler.ts';
import { reasonForm } from './reason-form.ts';
import { showChange } from './show.ts';
import { reasonOf, requireReason, subjectOf } from './words.ts';

export const changeDecide: readonly Handler[] = [
  {
    verb: 'change approve',
    usage: '<CHG-n> [note…]',
    summary: 'sign a change as it is now: fills one seat',
    subject: 'required',
    act: ({ context, cause, request }) => {
      const [name, reason] = [subjectOf(request), reasonOf(request, request.args)];
      return isPolicy(name)
        ? approvePolicy(context, cause, { policy: name, ...reason })
        : approveChange(context, cause, { change: name, ...reason });
    },
    show: showChange,
  },
  {
    verb: 'change reject',
    usage: '<CHG-n> <reason…>',
    summary: 'say no to a change as it is now',
    subject: 'required',
    act: ({ context, cause, request }) => {
      const [name, reason] = [subjectOf(request), requireReason(request)];
      return isPolicy(name)
        ? rejectPolicy(context, cause, { policy: name, ...reason })
        : rejectChange(context, cause, { change: name, ...reason });
    },
    show: showChange,
    form: reasonForm('Reject'),
  },
  {
    verb: 'change veto',
    usage: '<CHG-n> <reason…>',
    summary: 'stop a change, whatever becomes of it, until you rescind',
    subject: 'required',
    act: ({ context, cause, request }) =>
      vetoChange(context, cause, { change: subjectOf(request), ...requireReason(request) }),
    show: showChange,
    form: reasonForm('Veto'),
  },
  {
    verb: 'change rescind',
    usage: '<CHG-n> [note…]',
    summary: 'take back all that you decided on a change',
    subject: 'required',
    act: ({ context, cause, request }) =>
      rescindDecision(context, cause, { change: subjectOf(request), ...reasonOf(request, request.args) }),
    show: showChange,
  },
];
