import { changeName } from '../domain/change.ts';
import type { Notice } from '../domain/notice.ts';
import { copyRef } from '../store/cards.ts';
import { findChange } from '../store/changes.ts';
import type { Context } from './context.ts';

/** The train that a card or a notice is about; undefined when it is none, or the train itself. */
export const trainBehind = async (context: Context, about: string | Notice): Promise<string | undefined> => {
  if (typeof about === 'string') return trainOfChange(context, about);
  if ('train' in about) return about.train;
  return 'change' in about ? trainOfChange(context, about.change) : undefined;
};

const trainOfChange = async (context: Context, name: string): Promise<string | undefined> => {
  const id = Number(/^CHG-(\d+)$/.exec(name)?.[1]);
  if (!Number.isSafeInteger(id)) return undefined;
  const change = await findChange(context.store.db, id);
  return change && changeName(change.id) === name ? change.train : undefined;
};

/** Where the train's card is in a lane; undefined when it has no place there, null when it is still to be posted. */
export const trainPost = (
  context: Context,
  train: string,
  lane: string,
): Promise<Readonly<Record<string, string>> | null | undefined> => copyRef(context.store.db, train, lane);
