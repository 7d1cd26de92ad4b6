import { changeCard } from '../src/cards/change-card.ts';
import { closest } from '../src/chat/parse.ts';
import type { Request } from '../src/chat/request.ts';
import { describeChange } from '../src/operations/describe.ts';
import { latestSubmission } from '../src/operations/find-changes.ts';
import { refuse } from '../src/operations/outcome.ts';
import { type Submission, submitChange } from '../src/operations/submit-change.ts';
import type { Handler } from './handler.ts';
import { toAsker } from './show.ts';
import { shippedBy, submitForm } from './submit-form.ts';
import { textOf } from './words.ts';

/** Emergencies have a path of their own. */
const types = ['normal', 'content', 'standard'] as const satisfies readonly Submission['type'][];

const typeOf = (word = 'normal'): Submission['type'] => {
  const meant = closest(word, types);
  return (
    types.find((type) => type === word.toLowerCase()) ??
    refuse({
      code: 'unknown-type',
      facts: { type: word, known: types, ...(meant === undefined ? {} : { meant }) },
    })
  );
};

/** From words, or from a form whose fields are flags. */
const submissionOf = (request: Request): Submission => {
  const { args, flags = {} } = request;
  const { type, record, train, note, after, because } = flags;
  const [, ...words] = args;
  return {
    ...shippedBy(request),
    type: typeOf(type),
    records: (record ?? '').split(/[,\s]+/).filter((name) => name !== ''),
    note: textOf([...words, note ?? '']) ?? '',
    ...(after === undefined ? {} : { after: after.split(/[,\s]+/).filter((name) => name !== '') }),
    ...(because === undefined || because.trim() === '' ? {} : { because: because.trim() }),
    ...(train === undefined ? {} : { rule: train }),
  };
};

export const changeSubmit: readonly Handler[] = [
  {
    verb: 'change submit',
    usage:
      '<service> [version] [--artifact sha256:…] [--type content] [--record SHOP-12] [--train weekly] [--after CHG-12] [--because …] [--note …]',
    summary: 'ask for a version of a service to be brought to production',
    subject: 'required',
    form: submitForm,
    act: ({ context, cause, request }) => submitChange(context, cause, submissionOf(request)),
    show: async ({ context, person, request }) => {
      const name = await latestSubmission(context, person, shippedBy(request).service);
      return toAsker(changeCard(await describeChange(context, name, request.receivedAt)));
    },
  },
];
