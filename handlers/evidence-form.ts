import type { HandlerForm } from './handler.ts';
import { isBare, isPress, subjectOf } from './words.ts';

/** A press says yes at once; who types the bare verb is asked for the outcome and a comment. */
export const evidenceForm = (title: string): HandlerForm => ({
  wanted: (request) => !isPress(request) && isBare(request),
  open: async ({ request }) => {
    const subject = subjectOf(request);
    return {
      title: `${title} ${subject}`,
      verb: request.verb,
      subject,
      submitLabel: 'Say so',
      fields: [
        {
          name: 'outcome',
          label: 'What is it?',
          required: true,
          kind: 'choice',
          choices: [
            { value: 'pass', label: 'In order' },
            { value: 'fail', label: 'Not in order' },
          ],
          initial: 'pass',
        },
        { name: 'comment', label: 'Comment', required: false, kind: 'text', maxLength: 300 },
      ],
    };
  },
});
