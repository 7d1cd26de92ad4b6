import type { Clock } from '../clock.ts';
import type { Destination } from '../domain/notice.ts';
import type { Policy } from '../domain/policy.ts';
import type { Executors } from '../executors/executor.ts';
import type {
  Attestations,
  Mailer,
  Notary,
  PagerDuty,
  Telephony,
  Trackers,
  Webhook,
} from '../integrations/integration.ts';
import type { Log } from '../log.ts';
import type { Bell } from '../queue/bell.ts';
import type { Arrivals } from '../store/arrivals.ts';
import type { Presence } from '../store/presence.ts';
import type { Store } from '../store/store.ts';
import type { AnswerLink } from './answer-link.ts';

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
  /** Absent: no identity of a builder can be verified. */
  readonly attestations?: Attestations;
  /** The keys that builders sign their reports with, by the names in the policy. */
  readonly builderSecret?: (name: string) => string | undefined;
  /** Absent: nobody can ask where a ticket stands, and none of them is ready. */
  readonly trackers?: Trackers;
  /** Absent: nobody can be called or sent an SMS. */
  readonly telephony?: Telephony;
  /** Absent: nobody gets pages by e-mail. */
  readonly mailer?: Mailer;
  /** Absent: no system is told of pages. */
  readonly webhook?: Webhook;
  readonly pagerduty?: PagerDuty;
  /** Addresses with which one person answers one page, until they expire; absent: answers come from elsewhere. */
  readonly answerLink?: AnswerLink;
  /** Address of a deployment's page, for whoever has it; absent: nobody but this machine reaches one. */
  readonly logLink?: (deployment: string) => string;
  /** Begins to send a page that has just been committed, without a way through the queue; false: too busy for it. */
  readonly sendAtOnce?: (send: number) => boolean;
  /** Folder that the policy's commands are relative to. */
  readonly workFolder: string;
  /** Variables of the bot's environment that deployment steps may see, by the operator's choice. */
  readonly stepEnvironment: Readonly<Record<string, string>>;
}

/** Acting by itself, because time has come. */
export const clockActor = 'system:clock';
