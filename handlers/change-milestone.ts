import { milestoneCard } from '../src/cards/milestone-card.ts';
import { describeMilestones } from '../src/operations/find-milestones.ts';
import { stateMilestone } from '../src/operations/record-milestone.ts';
import type { Call, Handler } from './handler.ts';
import { toAsker } from './show.ts';
import { outcomeOf } from './words.ts';

/** With a name alone it only shows. */
const state = async ({ context, cause, request }: Call): Promise<void> => {
  const { subject, args } = request;
  if (subject === undefined || args.length === 0) return;
  await stateMilestone(context, cause, { milestone: subject, ...outcomeOf(request, args) });
};

export const changeMilestone: readonly Handler[] = [
  {
    verb: 'change milestone',
    usage: '[<milestone> [pass|fail] [comment…]]',
    summary: 'say that something outside of software is there, or show what changes wait for',
    subject: 'optional',
    act: state,
    show: async ({ context, request }) =>
      toAsker(milestoneCard(await describeMilestones(context, request.subject), context.policy())),
  },
];
