import type { Card, Text } from '../chat/card.ts';
import { bold, code } from '../chat/card.ts';
import { changeName, deploymentName, shortDigest } from '../domain/change.ts';
import { type Deployment, isDeployed } from '../domain/deployment.ts';
import type { Policy } from '../domain/policy.ts';
import type { DeploymentView } from '../domain/view.ts';
import { bullets, type Item } from './blocks.ts';
import { button, few } from './buttons.ts';
import {
  currentStep,
  deploymentButtons,
  deploymentMark,
  deploymentTone,
  doing,
  reasonWords,
} from './deployment-words.ts';
import { heldBlocks } from './held-words.ts';
import { promoters } from './phase-words.ts';
import { stepBlocks } from './step-words.ts';
import { clockTime, count, dayTime, duration, move, unique } from './words.ts';

/** One deployment, with its steps. */
export const deploymentCard = (view: DeploymentView, policy: Policy): Card => {
  const { deployment, change } = view;
  const name = deploymentName(deployment.id);
  const said = `${name} of ${deployment.service} ${doing(view)}.`;
  return {
    title: `${name} ${deployment.service} ${change.version}`,
    tone: deploymentTone(view),
    summary: said,
    blocks: [
      { kind: 'text', text: [said] },
      {
        kind: 'fields',
        fields: [
          { label: 'Change', value: [`${changeName(deployment.change)} on ${deployment.train}`] },
          { label: 'Artifact', value: [code(shortDigest(deployment.artifact))] },
          { label: 'Plan', value: [deployment.plan.name] },
          ...sides(view),
          ...times(view),
          ...(view.log === undefined
            ? []
            : [
                {
                  label: 'Log',
                  value: [{ kind: 'link' as const, text: 'all that its steps printed', url: view.log }],
                },
              ]),
        ],
      },
      ...stepBlocks(view, policy),
      ...heldBlocks(view),
    ],
    buttons: [
      ...deploymentButtons(view),
      button('page raise', name),
      {
        ...button('change show', changeName(deployment.change)),
        label: `Show ${changeName(deployment.change)}`,
      },
    ],
  };
};

/** Which side is which, and what becomes of the old one. */
const sides = ({
  deployment: { sides: known, state, keptUntil },
}: DeploymentView): readonly { readonly label: string; readonly value: Text }[] => {
  if (known === null) return [];
  const isIn = isDeployed(state);
  return [
    {
      label: 'Side',
      value: isIn ? [`${known.new} is live`] : [`${known.new} gets it; ${known.old} was live before`],
    },
    ...(keptUntil === null
      ? []
      : [
          {
            label: 'Old side',
            value: [
              `${known.old} stays as it was until `,
              dayTime(keptUntil),
              '; until then a rollback is a switch back',
            ],
          },
        ]),
  ];
};

const times = ({
  deployment,
  now,
}: DeploymentView): readonly { readonly label: string; readonly value: Text }[] => {
  const { startedAt, finishedAt, reason } = deployment;
  const took = startedAt === null ? '' : duration((finishedAt ?? now).getTime() - startedAt.getTime());
  return [
    ...(startedAt === null
      ? []
      : [
          { label: 'Started', value: [dayTime(startedAt), finishedAt === null ? `, ${took} ago` : ''] },
          ...(finishedAt === null
            ? []
            : [{ label: 'Finished', value: [dayTime(finishedAt), `, after ${took}`] }]),
        ]),
    ...(reason === null || reason === '' ? [] : [{ label: 'Reason', value: [reasonWords(reason)] }]),
  ];
};

/** What runs in production now, those that need a person first. */
export const liveCard = (views: readonly DeploymentView[], policy: Policy): Card => {
  const asking = views.filter(({ deployment }) => needsAnswer(deployment));
  const others = views.filter(({ deployment }) => !needsAnswer(deployment));
  const summary =
    views.length === 0
      ? 'Nothing is being deployed to production.'
      : `${count(views.length, 'deployment')} in production now${asking.length === 0 ? '' : `, ${asking.length} of them ${asking.length === 1 ? 'needs' : 'need'} an answer`}.`;
  return {
    title: 'In production now',
    tone: asking.length > 0 ? 'bad' : 'neutral',
    summary,
    blocks: [
      { kind: 'text', text: [summary] },
      ...bullets([...asking, ...others].map((view) => liveItem(view, policy))),
    ],
    buttons: few([
      ...asking.slice(0, 3).flatMap((view) => deploymentButtons(view, true)),
      ...unique(views.map(({ deployment }) => deployment.train))
        .slice(0, 2)
        .map((train) => button('deploy pause', train, true)),
      ...others.slice(0, 4).flatMap((view) => deploymentButtons(view, true)),
      ...views.slice(0, 1).map(({ deployment }) => button('deploy stop', deployment.train)),
    ]),
  };
};

const needsAnswer = ({ state, hold }: Deployment): boolean =>
  state === 'asking' || (state === 'baked' && hold === null);

const liveItem = (view: DeploymentView, policy: Policy): Item => {
  const { deployment, change } = view;
  const step = currentStep(view);
  return {
    mark: deploymentMark(view),
    text: [
      bold(deploymentName(deployment.id)),
      ` ${deployment.service} ${change.version} ${doing(view)}`,
      ...(step === undefined ? [] : [`, step ${step}`]),
      ...(deployment.startedAt === null ? [] : [', started ', clockTime(deployment.startedAt)]),
      ...(deployment.state === 'asking' ? move([{ kind: 'role', role: 'operations' }], policy) : []),
      ...(deployment.state === 'baked' && deployment.hold === null ? move(promoters(policy), policy) : []),
    ],
  };
};
