import type { Block, Mark, Text } from '../chat/card.ts';
import { bold } from '../chat/card.ts';

export interface Item {
  readonly mark: Mark;
  readonly text: Text;
}

/** The most lines of one list, unless a card says otherwise. */
const mostLines = 15;

/** A list that fits on a card: the first lines and how many more there are. No lines, no block. */
export const bullets = (items: readonly Item[], most = mostLines): readonly Block[] => {
  if (items.length === 0) return [];
  // The line that says "and 1 more" has room for the one.
  const shown: readonly Item[] =
    items.length <= most + 1
      ? items
      : [...items.slice(0, most), { mark: 'none', text: [`and ${items.length - most} more`] }];
  return [{ kind: 'list', items: shown }];
};

/** A title in the text, with whatever follows it on the line; a heading is plain words. */
export const header = (title: string, rest: Text = []): Block => ({
  kind: 'text',
  text: [bold(title), ...rest],
});
