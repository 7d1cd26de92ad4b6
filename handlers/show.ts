import { changeCard } from '../src/cards/change-card.ts';
import { deploymentCard, liveCard } from '../src/cards/deployment-card.ts';
import { policyCard } from '../src/cards/policy-card.ts';
import { trainCard } from '../src/cards/train-card.ts';
import type { Card } from '../src/chat/card.ts';
import type { Reply } from '../src/chat/reply.ts';
import { describePolicy, isPolicy } from '../src/operations/decide-policy.ts';
import { describeChange, describeTrain } from '../src/operations/describe.ts';
import { describeDeployment, describeLive } from '../src/operations/describe-deployment.ts';
import type { Call } from './handler.ts';
import { asChange, asTrain, subjectOf } from './words.ts';

/** The shared copies of a card are redrawn by themselves; an answer is for the one who asked. */
export const toAsker = (card: Card): Reply => ({ card, audience: 'asker' });

/** A change, or a change of the policy. */
export const showChange = async ({ context, request }: Call): Promise<Reply> => {
  const name = subjectOf(request);
  return toAsker(
    isPolicy(name)
      ? policyCard(await describePolicy(context, name))
      : changeCard(await describeChange(context, name, request.receivedAt)),
  );
};

/** The named train, or the current one. */
export const showTrain = async (
  { context, request }: Call,
  name = asTrain(request.subject),
): Promise<Reply> => toAsker(trainCard(await describeTrain(context, name, request.receivedAt)));

/** For verbs that take a train or one change of it. */
export const showTrainOrChange = (call: Call): Promise<Reply> =>
  asChange(call.request.subject) === undefined ? showTrain(call) : showChange(call);

/** A deployment by its own name or its change's; without one, all that runs. */
export const showDeployment = async ({ context, request }: Call): Promise<Reply> =>
  toAsker(
    request.subject === undefined
      ? liveCard(await describeLive(context, request.receivedAt), context.policy())
      : deploymentCard(
          await describeDeployment(context, request.subject, request.receivedAt),
          context.policy(),
        ),
  );
