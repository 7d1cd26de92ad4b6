import type { Field } from '../src/chat/form.ts';
import type { Request } from '../src/chat/request.ts';
import type { Context } from '../src/operations/context.ts';
import { refuse } from '../src/operations/outcome.ts';
import { severities } from '../src/operations/raise-by-hand.ts';
import type { HandlerForm } from './handler.ts';
import { isBare, isPress, subjectOf } from './words.ts';

/** As many as Slack shows; in a larger company the id is typed. */
const mostPeople = 99;

/** Of the words, or of the form. Refuses `whom-missing`. */
export const peopleIn = (request: Request): readonly string[] => {
  const named = [...request.args, request.flags?.['person'] ?? ''].filter((word) => word !== '');
  return named.length > 0
    ? named
    : refuse({
        code: 'whom-missing',
        facts: { page: subjectOf(request) },
        next: `${request.verb} ${subjectOf(request)} <person>`,
      });
};

const personField = (context: Context, label: string): Field => {
  const people = [...context.policy().people.values()];
  const common = { name: 'person', label, required: true } as const;
  return people.length > mostPeople
    ? { ...common, kind: 'line', hint: 'The id that the policy has for the person.' }
    : { ...common, kind: 'choice', choices: people.map(({ id, name }) => ({ value: id, label: name })) };
};

/** A button has no room for a name: where there are forms, the press asks for it. */
export const personForm = (submitLabel: string, label: string): HandlerForm => ({
  wanted: isBare,
  open: async ({ context, request }) => {
    const subject = subjectOf(request);
    return {
      title: `${submitLabel}: ${subject}`,
      verb: request.verb,
      subject,
      submitLabel,
      fields: [personField(context, label)],
    };
  },
  faults: { 'whom-missing': 'person', 'unknown-person': 'person', 'unreachable-person': 'person' },
});

export const snoozeForm: HandlerForm = {
  wanted: isBare,
  open: async ({ request }) => {
    const subject = subjectOf(request);
    return {
      title: `Snooze ${subject}`,
      verb: request.verb,
      subject,
      submitLabel: 'Snooze',
      intro: 'It is yours, and you are reminded of it then.',
      fields: [
        {
          name: 'for',
          label: 'For how long?',
          required: true,
          kind: 'choice',
          initial: '30m',
          choices: ['15m', '30m', '1h', '2h', '4h', '8h', '1d'].map((value) => ({ value, label: value })),
        },
      ],
    };
  },
  faults: { 'bad-duration': 'for' },
};

/** From another card: the press asks what is wrong, where there are forms. */
export const raiseForm: HandlerForm = {
  wanted: (request) => isPress(request) && request.subject !== undefined && request.args.length === 0,
  open: async ({ request }) => ({
    title: 'Page on-call',
    verb: request.verb,
    subject: subjectOf(request),
    submitLabel: 'Page',
    intro: `Whoever is on call is paged about ${subjectOf(request)}.`,
    fields: [
      { name: 'summary', label: 'What is wrong?', required: true, kind: 'text', maxLength: 300 },
      {
        name: 'severity',
        label: 'How urgent is it?',
        required: true,
        kind: 'choice',
        initial: 'critical',
        choices: severities.map((value) => ({ value, label: value })),
      },
    ],
  }),
  faults: { 'summary-missing': 'summary', 'unknown-severity': 'severity' },
};
