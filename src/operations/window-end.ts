import { changeName, deploymentName } from '../domain/change.ts';
import type { PersonId, Policy } from '../domain/policy.ts';
import { refuse } from '../domain/refusal.ts';
import { trainById } from '../domain/train.ts';
import { windowState } from '../domain/window.ts';
import { type AtEnd, askBefore, runsBeyond } from '../domain/window-end.ts';
import { liveDeployments } from '../store/deployments.ts';
import { stepRunsOfAll } from '../store/step-runs.ts';
import type { Cause, Tx } from '../store/store.ts';
import { lockTrain } from '../store/trains.ts';
import { findWindowEnd, saveWindowEnd, type WindowEndKey } from '../store/window-ends.ts';
import type { Context } from './context.ts';
import { personNamed, requireRole, trainNamed } from './find.ts';
import { channel, redraw, tell } from './outgoing.ts';
import { steerers } from './steer-deployment.ts';

/** A quarter of an hour before a window's end: release managers are asked about what will still run, if anything will. */
export const askAtEnd = async (tx: Tx, context: Context, trainId: string, window: string): Promise<void> => {
  const policy = context.policy();
  const train = trainById(policy, trainId);
  const closes = train?.windows
    .find(({ name }) => name === window)
    ?.open.find(({ until }) => until.getTime() === tx.cause.at.getTime() + askBefore)?.until;
  if (closes === undefined) return;
  const live = (await liveDeployments(tx.db)).filter((d) => d.train === trainId);
  const runs = await stepRunsOfAll(
    tx.db,
    live.map(({ id }) => id),
  );
  const beyond = live.filter((d) => runsBeyond(d, runs.get(d.id) ?? [], tx.cause.at, closes));
  if (beyond.length === 0) return;
  tx.record({
    kind: 'window-ending',
    train: trainId,
    facts: { window, closes: closes.toISOString(), deployments: beyond.map(({ id }) => deploymentName(id)) },
  });
  await tell(tx, context, [
    {
      to: channel(context, policy, 'releases'),
      notice: {
        kind: 'window-ending',
        train: trainId,
        window,
        closes: closes.toISOString(),
        otherwise: ruleOf(policy, trainId, window),
        people: releaseManagersOf(policy),
        runs: beyond.map((d) => ({
          deployment: deploymentName(d.id),
          change: changeName(d.change),
          service: d.service,
        })),
      },
    },
  ]);
};

/** Says what becomes of what still runs when the window that is open now ends. Until then everybody may think again. */
export const chooseAtEnd = (
  context: Context,
  cause: Cause,
  order: { readonly train: string; readonly choice: AtEnd },
): Promise<void> =>
  context.store.transaction(cause, async (tx) => {
    const policy = context.policy();
    const person = personNamed(policy, cause.actor).id;
    requireRole(policy, cause.actor, steerers(context), 'at the end');
    const train = trainNamed(policy, order.train);
    if (!(await lockTrain(tx.db, train.id, 'update')))
      return refuse({ code: 'unknown-train', facts: { train: train.id } });
    // By now it may have closed, and what was to happen has happened.
    const now = new Date(Math.max(cause.at.getTime(), context.clock.now().getTime()));
    const state = windowState(policy, train.windows, now);
    if (!state.open) return refuse({ code: 'window-not-open', facts: { train: train.id } });
    const key = { train: train.id, name: state.window.name, closes: state.closes };
    if ((await findWindowEnd(tx.db, key))?.choice === order.choice) return;
    await saveWindowEnd(tx.db, key, { choice: order.choice, person, at: cause.at });
    tx.record({
      kind: 'window-end',
      train: train.id,
      outcome: order.choice,
      facts: { window: key.name, closes: key.closes.toISOString(), person },
    });
    await redraw(tx, context, [train.id]);
  });

/** What a person has said, or else the policy. */
export const atEndOf = async (tx: Pick<Tx, 'db'>, policy: Policy, key: WindowEndKey): Promise<AtEnd> =>
  (await findWindowEnd(tx.db, key))?.choice ?? ruleOf(policy, key.train, key.name);

const ruleOf = (policy: Policy, train: string, window: string): AtEnd =>
  policy.trains.get(trainById(policy, train)?.rule ?? '')?.windows.find(({ name }) => name === window)
    ?.atEnd ?? 'finish';

const releaseManagersOf = (policy: Policy): readonly PersonId[] => [
  ...new Set(policy.releaseManagers.flatMap((name) => policy.roles.get(name) ?? [])),
];
