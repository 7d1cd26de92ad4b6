import { mirrorCard } from '../src/cards/mirror-card.ts';
import { planCard } from '../src/cards/plan-card.ts';
import { describeMirror } from '../src/operations/describe-mirror.ts';
import { describePlan } from '../src/operations/describe-plan.ts';
import type { Handler } from './handler.ts';
import { showDeployment, toAsker } from './show.ts';

export const deploy: readonly Handler[] = [
  {
    verb: 'deploy',
    usage: '[DEP-n|CHG-n]',
    summary: 'what is being deployed now',
    show: showDeployment,
  },
  {
    verb: 'deploy status',
    usage: '[DEP-n|CHG-n]',
    summary: 'how far a deployment is',
    subject: 'optional',
    show: showDeployment,
  },
  {
    verb: 'deploy plan',
    usage: '[<train>]',
    summary: 'the order in which a train is deployed',
    subject: 'optional',
    show: async ({ context, request }) =>
      toAsker(planCard(await describePlan(context, request.subject, request.receivedAt), context.policy())),
  },
  {
    verb: 'deploy mirror',
    usage: '[<service>]',
    summary: 'whether what comes before production is like it, as both are read',
    subject: 'optional',
    show: async ({ context, request }) =>
      toAsker(mirrorCard(await describeMirror(context, request.subject, request.receivedAt))),
  },
];
