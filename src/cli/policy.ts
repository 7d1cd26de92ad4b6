import { userInfo } from 'node:os';
import { systemClock } from '../clock.ts';
import type { Log } from '../log.ts';
import { forcePolicy } from '../operations/decide-policy.ts';
import type { Settings } from '../settings.ts';
import { migrate } from '../store/migrate.ts';
import { answered, type Outcome } from './database.ts';

/** The emergency exit: a bot that runs follows within two seconds. Fails when nothing of that name waits. */
export const policyAcceptCommand = (
  settings: Settings,
  log: Log,
  order: { readonly policy: string; readonly reason: string },
): Promise<Outcome> =>
  answered(settings, log, async (store) => {
    await migrate(store.db);
    const cause = { actor: `system:cli/${userInfo().username}`, at: systemClock.now() };
    const policy = await forcePolicy(store, cause, order);
    return {
      text: `${policy} is in force without its signatures; that is on the record.`,
      json: { policy },
      exit: 0,
    };
  });
