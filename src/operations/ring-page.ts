import { assertNever } from '../domain/assert-never.ts';
import { findPage, lockPage } from '../store/pages.ts';
import { type Context, clockActor } from './context.ts';
import { failDrill } from './drill.ts';
import { movePage, remindOwner } from './move-page.ts';

/** The timer of a page: early → armed again; over → nothing; due → the next step, once, however often it rings. */
export const ringPage = async (context: Context, id: number): Promise<void> => {
  const seen = await findPage(context.store.db, id);
  if (seen?.dueAt == null) return;
  if (context.clock.now() < seen.dueAt) return context.bell.ring('ring-page', { id }, { at: seen.dueAt });
  await context.store.transaction({ actor: clockActor, at: seen.dueAt }, async (tx) => {
    const page = await lockPage(tx.db, id);
    // Somebody has answered, or another bell was faster.
    if (page?.dueAt == null || page.level !== seen.level || context.clock.now() < page.dueAt) return;
    switch (page.state) {
      case 'held':
      case 'open':
        if (page.kind === 'drill') return failDrill(tx, context, page);
        await movePage(tx, context, page);
        return;
      case 'acknowledged':
        return remindOwner(tx, context, page);
      case 'resolved':
        return;
      default:
        assertNever(page.state);
    }
  });
};
