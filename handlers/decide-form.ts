import { undecided } from '../src/cards/decide-card.ts';
import type { Field } from '../src/chat/form.ts';
import { decideEach } from '../src/operations/decide-go.ts';
import { describeTrain } from '../src/operations/describe.ts';
import type { Call, HandlerForm } from './handler.ts';
import { reasonField } from './reason-form.ts';
import { asChange, asTrain, isBare, textOf } from './words.ts';

/** As many rows as a form has room for; what is beyond is decided on its card. */
const mostRows = 80;

/** The final meeting as one form: a row per change, one reason for all that stay behind. */
export const decideForm: HandlerForm = {
  wanted: isBare,
  open: async ({ context, request }) => {
    const view = await describeTrain(context, asTrain(request.subject), request.receivedAt);
    const rows = undecided(view)
      .slice(0, mostRows)
      .map(
        ({ change }): Field => ({
          name: `chg-${change.id}`,
          label: `CHG-${change.id} ${change.service} ${change.version}`,
          required: false,
          kind: 'choice',
          choices: [
            { value: 'go', label: 'Go' },
            { value: 'nogo', label: 'No-go' },
          ],
          ...(change.go === null ? {} : { initial: change.go }),
        }),
      );
    return {
      title: 'Go or no-go',
      verb: 'train decide',
      subject: view.train.id,
      submitLabel: 'Decide',
      intro: `What is left open of ${view.train.id} is decided with the train.`,
      fields: [...rows, { ...reasonField, required: false, label: 'Why no-go?' }],
    };
  },
  faults: { 'reason-missing': 'reason' },
};

/** Only rows that say something else than the change does already. */
export const decideRows = async ({ context, cause, request }: Call): Promise<void> => {
  const { flags = {} } = request;
  const view = await describeTrain(context, asTrain(request.subject), request.receivedAt);
  const present = new Map(view.changes.map(({ change }) => [`CHG-${change.id}`, change.go]));
  const reason = textOf([flags['reason'] ?? '']);
  const decrees = Object.entries(flags).flatMap(([name, go]) => {
    const subject = asChange(name);
    if (subject === undefined || (go !== 'go' && go !== 'nogo') || present.get(subject) === go) return [];
    return [{ subject, go, ...(reason === undefined || go === 'go' ? {} : { reason }) } as const];
  });
  // In the order of their numbers: two meetings at once never wait for each other in a circle.
  const inOrder = decrees.toSorted((a, b) => Number(a.subject.slice(4)) - Number(b.subject.slice(4)));
  if (inOrder.length > 0) await decideEach(context, cause, inOrder);
};
