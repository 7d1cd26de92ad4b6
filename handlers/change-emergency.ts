import { changeCard } from '../src/cards/change-card.ts';
import type { Request } from '../src/chat/request.ts';
import { describeChange } from '../src/operations/describe.ts';
import { latestSubmission } from '../src/operations/find-changes.ts';
import { type Emergency, raiseEmergency } from '../src/operations/raise-emergency.ts';
import type { Handler } from './handler.ts';
import { toAsker } from './show.ts';
import { reasonOf, subjectOf } from './words.ts';

const emergencyOf = (request: Request): Emergency => {
  const [version, ...words] = request.args;
  const { artifact, record } = request.flags ?? {};
  return {
    service: subjectOf(request),
    ...(version === undefined ? {} : { version }),
    ...(artifact === undefined ? {} : { artifact: artifact.toLowerCase() }),
    records: (record ?? '').split(/[,\s]+/).filter((name) => name !== ''),
    ...reasonOf(request, words),
  };
};

export const changeEmergency: readonly Handler[] = [
  {
    verb: 'change emergency',
    usage: '<service> [version] [reason…] [--artifact sha256:…] [--record SHOP-12] [--reason …]',
    summary: 'to production at once, outside of every window, for the signatures that this costs',
    subject: 'required',
    act: ({ context, cause, request }) => raiseEmergency(context, cause, emergencyOf(request)),
    show: async ({ context, person, request }) => {
      const name = await latestSubmission(context, person, subjectOf(request));
      return toAsker(changeCard(await describeChange(context, name, request.receivedAt)));
    },
  },
];
