import type { Field } from '../src/chat/form.ts';
import type { HandlerForm } from './handler.ts';
import { isBare, subjectOf } from './words.ts';

/** As long as a card can bear to quote. */
export const reasonField: Field = {
  name: 'reason',
  label: 'Why?',
  hint: 'Stands on the card, for everybody.',
  required: true,
  kind: 'text',
  maxLength: 300,
};

/** A button has no room for a reason: where there are forms, the press asks for it. */
export const reasonForm = (label: string): HandlerForm => ({
  wanted: isBare,
  open: async ({ request }) => {
    const subject = subjectOf(request);
    return {
      title: `${label} ${subject}`,
      verb: request.verb,
      subject,
      submitLabel: label,
      fields: [reasonField],
    };
  },
  faults: { 'reason-missing': 'reason' },
});
