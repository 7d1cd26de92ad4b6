import type { Card } from '../chat/card.ts';

/** The database is away. `lost`: it went in the middle, so that what was asked for may have happened. */
export const outageCard = (how: 'away' | 'lost'): Card => {
  const consequence =
    how === 'away'
      ? 'Nothing was changed. Try again in a minute.'
      : 'It may or may not have been saved: look in a minute, and try again if it was not. A second try does no harm.';
  return {
    title: 'I cannot reach my database',
    tone: 'bad',
    summary: `I cannot reach my database. ${consequence}`,
    blocks: [{ kind: 'text', text: [consequence] }],
    buttons: [],
  };
};

/** Asked for where there is none. */
export const noFormCard: Card = {
  title: 'There is nothing to fill in',
  tone: 'warning',
  summary: 'There is no form for that. Nothing was done.',
  blocks: [],
  buttons: [],
};
