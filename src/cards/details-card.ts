import type { Block, Card, Mark, Text } from '../chat/card.ts';
import { bold } from '../chat/card.ts';
import type { Decision } from '../domain/approval.ts';
import { changeName, deploymentName } from '../domain/change.ts';
import type { StepRun } from '../domain/deployment.ts';
import type { Evidence } from '../domain/evidence.ts';
import type { ChangeFile, DeploymentView, DetailsView } from '../domain/view.ts';
import { bullets, header } from './blocks.ts';
import { whyCard } from './change-card.ts';
import { deploymentMark, doing, lastLines, reasonWords } from './deployment-words.ts';
import { count, cutoffName, dayTime, personSpan, quoted, requirementText } from './words.ts';

/** The thread below a card: what it lacks, and how it came to be as it is. It mentions nobody and has no buttons. */
export const detailsCard = (view: DetailsView): Card =>
  view.kind === 'change' ? ofChange(view.file) : ofTrain(view);

/** Something that happened to one change. */
interface Happening {
  readonly at: Date;
  readonly mark: Mark;
  readonly text: Text;
}

/** Who reads a thread looks for what is new. */
const mostOfChange = 40;
const mostOfTrain = 60;

const ofChange = (file: ChangeFile): Card => {
  const name = changeName(file.change.id);
  const events = happenings(file);
  const { tone, blocks } = whyCard(file);
  // Once it has left, its steps are told below.
  const missing = file.change.state === 'boarded' ? blocks : blocks.slice(0, 1);
  return {
    title: `Details of ${name}`,
    tone,
    summary: `${name}: ${count(events.length, 'thing')} on file.`,
    blocks: [
      ...missing,
      header('On file', [', the newest first']),
      ...bullets(newestFirst(events).map(line), mostOfChange),
      ...logs(file),
    ],
    buttons: [],
  };
};

const ofTrain = ({ train: view, files }: Extract<DetailsView, { kind: 'train' }>): Card => {
  const { train, cutoffs } = view;
  const closings = cutoffs
    .filter(({ closed }) => closed)
    .map(({ name, at }): Happening => ({ at, mark: 'done', text: [`${cutoffName(name)} closed`] }));
  const events = [
    ...closings,
    ...files.flatMap((file) =>
      happenings(file).map((one) => ({
        ...one,
        text: [bold(changeName(file.change.id)), ` ${file.change.service}: `, ...one.text],
      })),
    ),
  ];
  return {
    title: `Details of ${train.id}`,
    tone: 'neutral',
    summary: `${train.id}: ${count(files.length, 'change')}, ${count(events.length, 'thing')} on file.`,
    blocks: [
      header('On file', [', the newest first']),
      ...bullets(newestFirst(events).map(line), mostOfTrain),
    ],
    buttons: [],
  };
};

/** Steps whose output is shown; all of it is where the steps ran. */
const mostLogs = 6;

const logs = ({ deployment: view }: ChangeFile): readonly Block[] =>
  view === undefined
    ? []
    : view.runs
        .filter(({ tail }) => tail.trim() !== '')
        .slice(-mostLogs)
        .toReversed()
        .flatMap((run): readonly Block[] => [
          header(`Log of ${stepName(view, run)}`),
          { kind: 'output', text: lastLines(run.tail) },
        ]);

const stepName = ({ deployment }: DeploymentView, { step, direction }: StepRun): string => {
  const name = deployment.plan.steps[step]?.name ?? `step ${step + 1}`;
  return direction === 'do' ? name : `undoing ${name}`;
};

const newestFirst = (events: readonly Happening[]): readonly Happening[] =>
  events
    .map((event, i) => ({ event, i }))
    .toSorted((a, b) => b.event.at.getTime() - a.event.at.getTime() || b.i - a.i)
    .map(({ event }) => event);

const line = ({ at, mark, text }: Happening) => ({ mark, text: [dayTime(at), ' · ', ...text] });

/** In order of kinds; what happened at one instant is told in this order. */
const happenings = (file: ChangeFile): readonly Happening[] => {
  const { change, policy } = file;
  return [
    {
      at: change.submittedAt,
      mark: 'none',
      text: [`${change.version} asked for by `, personSpan(change.requester, policy)],
    },
    ...file.evidence.map((one) => arrived(one, file)),
    ...file.decisions.flatMap((decision) => decided(decision, file)),
    ...deployed(file),
  ];
};

const arrived = (evidence: Evidence, { policy }: ChangeFile): Happening => {
  const { kind, outcome, environment, role, person, source, builder, platform, comment, url } = evidence;
  const of = environment ?? role;
  const what = requirementText(of === null ? kind : `${kind}:${of}`);
  const on = platform === null || platform === 'default' ? '' : ` on ${platform}`;
  return {
    at: evidence.receivedAt,
    mark: outcome === 'pass' ? 'done' : 'failed',
    text: [
      outcome === 'pass' ? `${what}${on}: ` : `not ${what}${on}: `,
      person === null ? (builder ?? source) : personSpan(person, policy),
      ...(evidence.doubt === undefined ? [] : [', which is not proven and does not count']),
      ...(comment === null || comment === '' ? [] : [` ${quoted(comment)}`]),
      ...(url === null ? [] : [' ', { kind: 'link' as const, text: 'more', url }]),
    ],
  };
};

const verbs = { approve: 'approved', reject: 'rejected', veto: 'vetoed' } as const;

const decided = (decision: Decision, { policy }: ChangeFile): readonly Happening[] => {
  const { person, kind, reason, decidedAt, rescindedAt } = decision;
  const who = personSpan(person, policy);
  const why = reason === undefined || reason === '' ? [] : [` ${quoted(reason)}`];
  return [
    {
      at: decidedAt,
      mark: kind === 'approve' ? 'done' : 'failed',
      text: [`${verbs[kind]} by `, who, ...why],
    },
    ...(rescindedAt === undefined
      ? []
      : [{ at: rescindedAt, mark: 'none' as const, text: [who, ` took back that they ${verbs[kind]} it`] }]),
  ];
};

/** Each step when it began and when it ended. */
const deployed = ({ deployment: view }: ChangeFile): readonly Happening[] => {
  const startedAt = view?.deployment.startedAt ?? null;
  if (view === undefined || startedAt === null) return [];
  const { deployment, runs } = view;
  const name = deploymentName(deployment.id);
  return [
    { at: startedAt, mark: 'running', text: [`${name} started`] },
    ...runs.flatMap((run): readonly Happening[] => {
      const what = stepName(view, run);
      const reason = run.reason === null || run.reason === '' ? '' : `: ${reasonWords(run.reason)}`;
      const ended = run.state === 'unknown' ? 'nobody knows whether it happened' : run.state;
      return [
        { at: run.startedAt, mark: 'none', text: [`${name} ${what} began`] },
        ...(run.finishedAt === null
          ? []
          : [
              {
                at: run.finishedAt,
                mark: run.state === 'succeeded' ? ('done' as const) : ('failed' as const),
                text: [`${name} ${what} ${ended}${reason}`],
              },
            ]),
      ];
    }),
    ...(deployment.finishedAt === null
      ? []
      : [{ at: deployment.finishedAt, mark: deploymentMark(view), text: [`${name} ${doing(view)}`] }]),
  ];
};
