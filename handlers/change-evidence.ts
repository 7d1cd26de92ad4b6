import { isRole, signOffRole } from '../src/operations/sign-off-role.ts';
import { stateEvidence } from '../src/operations/state-evidence.ts';
import { evidenceForm } from './evidence-form.ts';
import type { Call, Handler } from './handler.ts';
import { showChange } from './show.ts';
import { outcomeOf, subjectOf } from './words.ts';

const signOff = async ({ context, cause, person, request }: Call): Promise<void> => {
  const change = subjectOf(request);
  const [first = '', ...rest] = request.args;
  const named = isRole(context, first);
  await stateEvidence(context, cause, {
    kind: 'sign-off',
    change,
    role: named ? first : await signOffRole(context, change, person),
    ...outcomeOf(request, named ? rest : request.args),
  });
};

const state = (kind: 'records' | 'date-approved', { context, cause, request }: Call): Promise<void> =>
  stateEvidence(context, cause, { kind, change: subjectOf(request), ...outcomeOf(request, request.args) });

export const changeEvidence: readonly Handler[] = [
  {
    verb: 'change sign-off',
    usage: '<CHG-n> [role] [fail] [comment…]',
    summary: 'say that a change was tested and works, or that it does not',
    subject: 'required',
    act: signOff,
    show: showChange,
    form: evidenceForm('Sign off'),
  },
  {
    verb: 'change records',
    usage: '<CHG-n> [fail] [comment…]',
    summary: 'say that the tickets of a change are in order, or that they are not',
    subject: 'required',
    act: (call) => state('records', call),
    show: showChange,
    form: evidenceForm('Records of'),
  },
  {
    verb: 'change approve-date',
    usage: '<CHG-n> [fail] [comment…]',
    summary: 'agree to the deployment date of a change, or refuse it',
    subject: 'required',
    act: (call) => state('date-approved', call),
    show: showChange,
    form: evidenceForm('Date of'),
  },
];
