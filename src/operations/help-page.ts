import { type Page, pageName } from '../domain/page.ts';
import type { PersonId } from '../domain/policy.ts';
import { insertHelpers } from '../store/page-helpers.ts';
import type { Tx } from '../store/store.ts';
import type { Context } from './context.ts';
import { aboutPage, sendTo } from './move-page.ts';

/**
 * Asks people to help, each once: they are paged by all their ways until they have come. A page that is held asks them
 * when it is paged. Returns those who had not been asked before.
 */
export const askToHelp = async (
  tx: Tx,
  context: Context,
  page: Page,
  people: readonly PersonId[],
): Promise<readonly PersonId[]> => {
  const { actor, at } = tx.cause;
  const others = people.filter((person) => person !== page.owner);
  const asked = await insertHelpers(tx.db, page.id, others, actor, at);
  if (asked.length === 0) return asked;
  tx.record({
    kind: 'page-help',
    ...aboutPage(page),
    outcome: 'asked',
    facts: { page: pageName(page.id), people: asked },
  });
  if (page.state !== 'held')
    await sendTo(tx, context, context.policy(), page, asked, page.state === 'open' ? 'page' : 'help');
  return asked;
};
