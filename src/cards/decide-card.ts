import type { Card } from '../chat/card.ts';
import { bold } from '../chat/card.ts';
import { changeName } from '../domain/change.ts';
import type { ChangeView, TrainView } from '../domain/view.ts';
import { bullets } from './blocks.ts';
import { button, few } from './buttons.ts';
import { statusOf } from './status.ts';
import { count } from './words.ts';

/** Changes that can still be let go or kept back. */
export const undecided = (view: TrainView): readonly ChangeView[] =>
  view.changes.filter(({ change }) => change.state === 'boarded');

/** The final meeting, change by change: where each stands and its two buttons. */
export const decideCard = (view: TrainView): Card => {
  const aboard = undecided(view);
  const summary = `${count(aboard.length, 'change')} of ${view.train.id} to decide on.`;
  return {
    title: `Go or no-go · ${view.train.id}`,
    tone: 'neutral',
    summary,
    blocks: [
      { kind: 'text', text: [summary] },
      ...bullets(
        aboard.map((one) => {
          const { mark, phrase } = statusOf(one);
          const { change } = one;
          return {
            mark,
            text: [bold(changeName(change.id)), ` ${change.service} ${change.version} ${phrase}`],
          };
        }),
      ),
    ],
    buttons: few(
      aboard.flatMap(({ change }) => [
        ...(change.go === 'go' ? [] : [button('train go', changeName(change.id), true)]),
        ...(change.go === 'nogo' ? [] : [button('train nogo', changeName(change.id), true)]),
      ]),
    ),
  };
};
