import { currentTrainId } from '../src/operations/find-train.ts';
import { refuse } from '../src/operations/outcome.ts';
import { promoteDeployment } from '../src/operations/phases.ts';
import {
  abortDeployment,
  pauseTrain,
  resolveStep,
  rollBackDeployment,
} from '../src/operations/steer-deployment.ts';
import { stopEverything } from '../src/operations/stop-everything.ts';
import { chooseAtEnd } from '../src/operations/window-end.ts';
import type { Call, Handler } from './handler.ts';
import { showDeployment, showTrain } from './show.ts';
import { asTrain, reasonOf, subjectOf } from './words.ts';

const pause = async (paused: boolean, { context, cause, request }: Call): Promise<void> => {
  const train = request.subject ?? (await currentTrainId(context, request.receivedAt));
  await pauseTrain(context, cause, { train, paused });
};

const resolve = ({ context, cause, request }: Call): Promise<void> => {
  const deployment = subjectOf(request);
  const word = request.args[0]?.toLowerCase() ?? '';
  if (/^succ|^ok$|^pass/.test(word)) return resolveStep(context, cause, { deployment, outcome: 'succeeded' });
  if (/^fail/.test(word)) return resolveStep(context, cause, { deployment, outcome: 'failed' });
  return refuse({
    code: 'outcome-missing',
    facts: { deployment, known: ['succeeded', 'failed'] },
    next: `deploy resolve ${deployment} succeeded`,
  });
};

const end = async ({ context, cause, request }: Call): Promise<void> => {
  const [first = '', second = ''] = [request.subject ?? '', ...request.args].filter((word) => word !== '');
  const named = asTrain(first);
  const train = named ?? (await currentTrainId(context, request.receivedAt));
  const word = (named === undefined ? first : second).toLowerCase();
  if (/^fin/.test(word)) return chooseAtEnd(context, cause, { train, choice: 'finish' });
  if (/^(roll|stop|undo)/.test(word)) return chooseAtEnd(context, cause, { train, choice: 'roll-back' });
  return refuse({
    code: 'choice-missing',
    facts: { train, known: ['finish', 'roll-back'] },
    next: `deploy end ${train} finish`,
  });
};

export const deploySteer: readonly Handler[] = [
  {
    verb: 'deploy pause',
    usage: '[<train>]',
    summary: 'start nothing more of a train; what runs goes on',
    subject: 'optional',
    act: (call) => pause(true, call),
    show: (call) => showTrain(call),
  },
  {
    verb: 'deploy resume',
    usage: '[<train>]',
    summary: 'let a paused train go on',
    subject: 'optional',
    act: (call) => pause(false, call),
    show: (call) => showTrain(call),
  },
  {
    verb: 'deploy abort',
    usage: '<DEP-n|CHG-n> [reason…]',
    summary: 'stop a deployment that runs, and undo it',
    subject: 'required',
    act: ({ context, cause, request }) =>
      abortDeployment(context, cause, { deployment: subjectOf(request), ...reasonOf(request, request.args) }),
    show: showDeployment,
  },
  {
    verb: 'deploy stop',
    usage: '[reason…]',
    summary: 'emergency stop: pause every train, stop and undo everything that runs',
    act: ({ context, cause, request }) => stopEverything(context, cause, reasonOf(request, request.args)),
    show: (call) => showTrain(call),
  },
  {
    verb: 'deploy end',
    usage: '[<train>] <finish|roll-back>',
    summary: 'say what becomes of what still runs when the window ends',
    subject: 'optional',
    act: end,
    show: ({ context, cause, person, request }) => {
      const train = asTrain(request.subject);
      const { subject: _word, ...bare } = request;
      return showTrain({
        context,
        cause,
        person,
        request: train === undefined ? bare : { ...bare, subject: train },
      });
    },
  },
  {
    verb: 'deploy rollback',
    usage: '<DEP-n|CHG-n> [alone] [reason…]',
    summary: 'undo what was deployed, at any time; first what depends on it, unless alone',
    subject: 'required',
    act: ({ context, cause, request }) => {
      const alone = request.args[0]?.toLowerCase() === 'alone';
      return rollBackDeployment(context, cause, {
        deployment: subjectOf(request),
        alone,
        ...reasonOf(request, alone ? request.args.slice(1) : request.args),
      });
    },
    show: showDeployment,
  },
  {
    verb: 'deploy promote',
    usage: '<DEP-n|CHG-n>',
    summary: 'let the next phase begin, once this one has baked',
    subject: 'required',
    act: ({ context, cause, request }) =>
      promoteDeployment(context, cause, { deployment: subjectOf(request) }),
    show: showDeployment,
  },
  {
    verb: 'deploy resolve',
    usage: '<DEP-n|CHG-n> <succeeded|failed>',
    summary: 'say what became of a step that nobody knows about',
    subject: 'required',
    act: resolve,
    show: showDeployment,
  },
];
