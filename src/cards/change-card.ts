import type { Block, Button, Card, Text } from '../chat/card.ts';
import { bold, code } from '../chat/card.ts';
import { changeName, shortDigest } from '../domain/change.ts';
import type { Excuse } from '../domain/excuse.ts';
import { requirementName } from '../domain/requirement.ts';
import type { ChangeView, StageView } from '../domain/view.ts';
import { approvalBlocks, someoneDecided } from './approval-words.ts';
import { bullets, header, type Item } from './blocks.ts';
import { actionButtons, button, few } from './buttons.ts';
import { deploymentButtons, deploymentLine } from './deployment-words.ts';
import { excuseLine, excuseMark, isFailure } from './excuse-words.ts';
import { heldBlocks } from './held-words.ts';
import { ownedBy } from './owners.ts';
import { allExcuses, nextStage, statusOf } from './status.ts';
import { stepBlocks } from './step-words.ts';
import {
  capital,
  clip,
  count,
  cutoffName,
  dayTime,
  how,
  list,
  personSpan,
  quoted,
  requirementText,
  sentence,
  spaced,
  timeLeft,
  unique,
} from './words.ts';

/** The card of a change: posted once, edited in place. Exceptions take lines; what is in order takes a word. */
export const changeCard = (view: ChangeView): Card => {
  const status = statusOf(view);
  const said = sentence(`${changeName(view.change.id)} ${status.phrase}`);
  return {
    title: changeTitle(view),
    tone: status.tone,
    summary: said,
    blocks: [
      { kind: 'text', text: [said] },
      { kind: 'fields', fields: fields(view) },
      ...(view.change.state === 'boarded' ? papers(view) : gateBlocks(view)),
      ...deploymentBlocks(view),
    ],
    buttons: ownedBy(changeButtons(view), view),
    page: view.change.train,
    shownBy: { verb: 'change show', subject: changeName(view.change.id) },
  };
};

const deploymentBlocks = ({ deployment, policy }: ChangeView): readonly Block[] =>
  deployment === undefined || deployment.deployment.state === 'cancelled'
    ? []
    : [
        { kind: 'text', text: deploymentLine(deployment) },
        ...stepBlocks(deployment, policy),
        ...heldBlocks(deployment),
      ];

const changeTitle = ({ change }: ChangeView): string =>
  `${changeName(change.id)} ${change.service} ${change.version} · ${change.type}${change.late === undefined ? '' : ', late'}`;

const fields = (view: ChangeView): readonly { readonly label: string; readonly value: Text }[] => {
  const { change, policy, now } = view;
  const next = change.state === 'boarded' ? nextStage(view) : undefined;
  const closes: Text =
    next === undefined
      ? []
      : [` · ${cutoffName(next.cutoff)} closes `, dayTime(next.at), ', ', ...timeLeft(next.at, now)];
  const records = change.records.length === 0 ? '' : ` · ${list(change.records.map((r) => clip(r, 60)))}`;
  return [
    {
      label: 'Train',
      value: change.type === 'emergency' ? ['none: at once'] : [change.train, ...closes],
    },
    { label: 'Asked by', value: [personSpan(change.requester, policy), records] },
    {
      label: 'Artifact',
      value: change.artifact === null ? ['not built yet'] : [code(shortDigest(change.artifact))],
    },
    ...(change.late === undefined
      ? []
      : [
          {
            label: 'Late',
            value: [
              `missed ${list(change.late.cutoffs.map(cutoffName))} · asked by `,
              personSpan(change.late.by, policy),
              `: ${quoted(change.late.reason)}`,
            ],
          },
        ]),
    ...(change.note === '' ? [] : [{ label: 'Note', value: [clip(change.note, 300)] }]),
    ...(change.goReason === null || change.goReason === '' || change.go === null
      ? []
      : [{ label: change.go === 'go' ? 'Go' : 'No-go', value: [clip(change.goReason, 300)] }]),
  ];
};

const papers = (view: ChangeView): readonly Block[] => {
  const next = nextStage(view);
  const passed = view.stages.filter((stage) => stage.closed && ofPapers(view, stage).length === 0);
  const listed = new Set<string>();
  const approvals = approvalBlocks(view);
  const stages = view.stages.flatMap((stage): readonly Block[] => {
    if (passed.includes(stage)) return [];
    const blocks = stage.closed
      ? lost(view, stage, listed)
      : stage === next
        ? inFull(view, stage)
        : inShort(view, stage, listed);
    for (const excuse of stage.excuses) listed.add(excuse.requirement ?? '');
    return blocks;
  });
  // What holds its deployment is told with the deployment.
  const gate = view.gate.filter((excuse) => excuse.code !== view.deployment?.deployment.hold?.code);
  return [
    ...(passed.length === 0
      ? []
      : [
          ...bullets([
            { mark: 'done', text: [list(passed.map((stage) => cutoffName(stage.cutoff))), ' passed'] },
          ]),
        ]),
    ...stages,
    ...approvals,
    ...(next === undefined ? gateBlocks({ ...view, gate }) : []),
  ];
};

const gateBlocks = ({ gate, policy }: Pick<ChangeView, 'gate' | 'policy'>): readonly Block[] =>
  bullets(gate.map((excuse) => ({ mark: excuseMark(excuse), text: excuseLine(excuse, policy) })));

/** Approvals have a section of their own, once there is something to approve. */
const ofPapers = (view: ChangeView, stage: StageView): readonly Excuse[] =>
  stage.excuses.filter((excuse) => excuse.requirement !== 'approvals' || view.standing === undefined);

const inFull = (view: ChangeView, stage: StageView): readonly Block[] => {
  const excuses = ofPapers(view, stage);
  const asked = (view.train?.cutoffs.find((cutoff) => cutoff.name === stage.cutoff)?.requires ?? [])
    .map(requirementName)
    .filter((name) => name !== 'approvals');
  const met = asked.filter((name) => !stage.excuses.some((excuse) => excuse.requirement === name));
  const items: readonly Item[] = [
    ...(met.length === 0 ? [] : [{ mark: 'done' as const, text: [list(unique(met).map(requirementText))] }]),
    ...excuses.map((excuse) => ({ mark: excuseMark(excuse), text: excuseLine(excuse, view.policy) })),
  ];
  return items.length === 0 ? [] : [header(stageName(stage)), ...bullets(items)];
};

/** Of a cutoff that is not the next one: a line of what is still to come, and what has already gone wrong. */
const inShort = (view: ChangeView, stage: StageView, listed: ReadonlySet<string>): readonly Block[] => {
  const excuses = ofPapers(view, stage).filter((excuse) => !listed.has(excuse.requirement ?? ''));
  const failed = excuses.filter(isFailure);
  const names = unique(excuses.filter((e) => !isFailure(e)).map((e) => requirementText(e.requirement ?? '')));
  if (excuses.length === 0) return [];
  return [
    header(stageName(stage), [', closes ', dayTime(stage.at)]),
    ...bullets([
      ...failed.map((excuse) => ({ mark: excuseMark(excuse), text: excuseLine(excuse, view.policy) })),
      ...(names.length === 0 ? [] : [{ mark: 'waiting' as const, text: ['still to come: ', list(names)] }]),
    ]),
  ];
};

/** What two cutoffs ask for is told once. */
const lost = (view: ChangeView, stage: StageView, listed: ReadonlySet<string>): readonly Block[] => {
  const excuses = ofPapers(view, stage).filter((excuse) => !listed.has(excuse.requirement ?? ''));
  return excuses.length === 0
    ? []
    : [
        header(stageName(stage), [' has closed, but this is no longer in order:']),
        ...bullets(
          excuses.map((excuse) => ({ mark: excuseMark(excuse), text: excuseLine(excuse, view.policy) })),
        ),
      ];
};

const stageName = (stage: StageView): string => capital(spaced(stage.cutoff));
const changeButtons = (view: ChangeView): readonly Button[] => {
  const { change, deployment } = view;
  const name = changeName(change.id);
  if (change.state === 'withdrawn') return [];
  if (change.state !== 'boarded')
    return deployment === undefined ? [] : [...deploymentButtons(deployment), button('page raise', name)];
  return few([
    ...decisionButtons(view, name),
    ...actionButtons(
      allExcuses(view).filter(
        (excuse) => excuse.action?.verb.startsWith('change ') && excuse.action.verb !== 'change approve',
      ),
    ),
    ...goButtons(view, name),
    ...(allExcuses(view).length > 0 ? [button('change why', name)] : []),
  ]);
};

const decisionButtons = (view: ChangeView, name: string): readonly Button[] => {
  const { standing, change, policy } = view;
  if (standing === undefined) return [];
  const vetoed = standing.vetoes.length > 0;
  const open = change.artifact !== null && !vetoed;
  return [
    ...(open && standing.missing.length > 0 ? [button('change approve', name)] : []),
    ...(open && standing.seats.length > 0 ? [button('change reject', name)] : []),
    ...(!vetoed && policy.vetoes.length > 0 ? [button('change veto', name)] : []),
    ...(someoneDecided(standing) ? [button('change rescind', name)] : []),
  ];
};

/** Only after the last cutoff; the train's own no-go can only be taken back for the train. */
const goButtons = (view: ChangeView, name: string): readonly Button[] => {
  if (view.stages.length === 0 || nextStage(view) !== undefined) return [];
  const go =
    view.go === 'nogo' && view.change.go !== 'nogo'
      ? button('train go', view.change.train, true)
      : button('train go', name);
  return [...(view.go === 'go' ? [] : [go]), ...(view.go === 'nogo' ? [] : [button('train nogo', name)])];
};

/** Every excuse by cutoff: what is missing, whose move it is, by when, and what to press or type. */
export const whyCard = (view: ChangeView): Card => {
  const name = changeName(view.change.id);
  const status = statusOf(view);
  const stages = view.stages.filter((stage) => stage.excuses.length > 0);
  const total = allExcuses(view).length;
  const told = sentence(`${name} ${status.phrase}`);
  const open = `${count(total, 'thing')} ${total === 1 ? 'is' : 'are'} still open in all.`;
  const said = `${told} ${total === 0 ? 'Nothing is missing.' : open}`;
  return {
    title: `Why · ${changeTitle(view)}`,
    tone: status.tone,
    summary: said,
    blocks: [
      { kind: 'text', text: [said] },
      ...stages.flatMap((stage): readonly Block[] => [
        header(
          stageName(stage),
          stage.closed
            ? [' closed ', dayTime(stage.at)]
            : [', closes ', dayTime(stage.at), ', ', ...timeLeft(stage.at, view.now)],
        ),
        ...bullets(stage.excuses.map((excuse) => whyItem(excuse, view))),
      ]),
      ...(view.gate.length === 0
        ? []
        : [header('Before it may start'), ...bullets(view.gate.map((excuse) => whyItem(excuse, view)))]),
      ...deploymentReason(view),
    ],
    buttons: few([...actionButtons(allExcuses(view)), button('change show', name)]),
  };
};

/** After it has left the station the reason is in its deployment. */
const deploymentReason = (view: ChangeView): readonly Block[] =>
  view.change.state === 'boarded' || view.deployment === undefined
    ? []
    : stepBlocks(view.deployment, view.policy);

const whyItem = (excuse: Excuse, view: ChangeView): Item => ({
  mark: excuseMark(excuse),
  text: [...excuseLine(excuse, view.policy), ...how(excuse.action)],
});

export const changeListCard = (title: string, views: readonly ChangeView[]): Card => {
  const items = views.map((view): Item => {
    const { mark, phrase } = statusOf(view);
    const { change } = view;
    return { mark, text: [bold(changeName(change.id)), ` ${change.service} ${change.version} ${phrase}`] };
  });
  const blocked = views.filter((view) => statusOf(view).kind === 'blocked').length;
  const summary =
    views.length === 0
      ? 'No changes.'
      : `${count(views.length, 'change')}${blocked === 0 ? '' : `, ${blocked} of them stopped`}.`;
  return {
    title,
    tone: blocked > 0 ? 'warning' : 'neutral',
    summary,
    blocks: [{ kind: 'text', text: [summary] }, ...bullets(items)],
    buttons:
      views.length > 5
        ? []
        : few(views.map((view) => button('change show', changeName(view.change.id), true))),
  };
};
