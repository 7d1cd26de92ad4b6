import type { Change } from '../domain/change.ts';
import { changeName } from '../domain/change.ts';
import type { PersonId } from '../domain/policy.ts';
import { refuse } from '../domain/refusal.ts';
import { trainById } from '../domain/train.ts';
import type { ChangeView } from '../domain/view.ts';
import { listChanges } from '../store/changes.ts';
import type { Context } from './context.ts';
import { listChangeViews } from './describe.ts';
import { serviceNamed, trainNamed } from './find.ts';
import { peopleOf } from './remind.ts';

const open = { states: ['boarded', 'deploying', 'failed'] } as const;

/** Changes whose next move is the person's, then the person's own; those of other people that need nothing are left out. */
export const changesFor = async (
  context: Context,
  person: PersonId,
  now: Date,
): Promise<readonly ChangeView[]> => {
  const views = await listChangeViews(context, open, now);
  const waiting = views.filter((view) => namedIn(view).includes(person));
  const own = views.filter((view) => view.change.requester === person && !waiting.includes(view));
  return [...waiting, ...own];
};

const namedIn = ({ stages, gate, policy }: ChangeView): readonly PersonId[] =>
  [...stages.flatMap((stage) => stage.excuses), ...gate].flatMap(({ movers }) =>
    movers.flatMap((mover) => peopleOf(mover, policy)),
  );

/** All of a train (`weekly-2026-W48`), the open ones of a service, or every open one. */
export const changesOf = async (
  context: Context,
  name: string | undefined,
  now: Date,
): Promise<readonly ChangeView[]> => {
  const policy = context.policy();
  if (name === undefined) return listChangeViews(context, open, now);
  const train = trainById(policy, name);
  if (train !== undefined || /-\d{4}-W\d{2}$/i.test(name))
    return listChangeViews(context, { train: (train ?? trainNamed(policy, name)).id }, now);
  return listChangeViews(context, { ...open, service: serviceNamed(policy, name).name }, now);
};

/** What the person asked for last for this service: the answer to a submission, also when it is repeated. */
export const latestSubmission = async (
  context: Context,
  person: PersonId,
  service: string,
): Promise<string> => {
  const found: readonly Change[] = await listChanges(context.store.db, { requester: person, service });
  const last = found.at(-1) ?? refuse({ code: 'unknown-change', facts: { change: service } });
  return changeName(last.id);
};
