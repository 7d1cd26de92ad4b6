import type { Clock } from '../clock.ts';
import type { Destination } from '../domain/notice.ts';
import type { Policy } from '../domain/policy.ts';
import type { Executors } from '../executors/executor.ts';
import type { Notary, Telephony } from '../integrations/integration.ts';
import type { Log } from '../log.ts';
import type { Bell } from '../queue/bell.ts';
import type { Arrivals } from '../store/arrivals.ts';
import type { Presence } from '../store/presence.ts';
import type { Store } from '../store/store.ts';

export type PlatformName = Destination['platform'];

/** What operations work with; made once by the composition root. */
export interface Context {
  readonly store: Store;
  readonly bell: Bell;
  readonly clock: Clock;
  readonly log: Log;
  readonly presence: Presence;
  readonly arrivals: Arrivals;
  /** The policy in force: asked once at the start of an operation. */
  readonly policy: () => Policy;
  /** Chat platforms that this company uses; notices go to each. */
  readonly platforms: readonly PlatformName[];
  readonly executors: Executors;
  /** Absent: the record has its chain only. */
  readonly notary?: Notary;
  /** Absent: nobody can be called or sent an SMS. */
  readonly telephony?: Telephony;
  /** Folder that the policy's commands are relative to. */
  readonly workFolder: string;
  /** Variables of the bot's environment that deployment steps may see, by the operator's choice. */
  readonly stepEnvironment: Readonly<Record<string, string>>;
}

/** Acting by itself, because time has come. */
export const clockActor = 'system:clock';
