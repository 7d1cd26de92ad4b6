import type { Log } from '../../log.ts';
import type { Forms } from '../form.ts';
import type { CommandSpec } from '../parse.ts';
import type { Answer } from '../reply.ts';
import type { Identity } from '../request.ts';
import type { Api } from './api.ts';
import type { Pen } from './mrkdwn.ts';
import type { SlackPace } from './pace.ts';
import type { Incoming } from './payloads.ts';

export interface ReceiverOptions {
  readonly api: Api;
  readonly log: Log;
  readonly pen: () => Pen;
  readonly pace: Pick<SlackPace, 'noteSaid'>;
  readonly answer: Answer;
  readonly commands: readonly CommandSpec[];
  readonly forms: Forms;
  readonly memory: Memory;
  /** The address that Slack's roster has of somebody whom the policy does not know by id. */
  readonly emailOf: (actor: Identity) => Promise<string | undefined>;
}

/** What all instances remember of the answers to events. */
export interface Memory {
  /** Whether the caller is to answer: nobody has, or is at it. */
  claimAnswer(id: string): Promise<boolean>;
  releaseAnswer(id: string): Promise<void>;
}

export type Ack = (response?: Readonly<Record<string, unknown>>) => Promise<void>;

export interface SlackReceiver {
  /**
   * Deals with one payload. `ack` is called within three seconds, after the answer's commit where there is time; it
   * resolves once what must be durable is. What is then still to be said to Slack goes on in the background.
   */
  handle(incoming: Incoming, receivedAt: Date, ack: Ack): Promise<void>;
  /** Resolves when nothing goes on in the background. */
  idle(): Promise<void>;
}
