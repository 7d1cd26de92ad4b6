import type { Button, Card } from '../chat/card.ts';
import type { Destination } from '../chat/platform.ts';
import type { ClockState } from '../clock.ts';

/** What the director gives a bot to start with. Structured clone carries it: Dates stay Dates. */
export interface Briefing {
  readonly kind: 'start';
  readonly policyFile: string;
  /** Set when the policy's own deployment programs are not run: see program.ts. */
  readonly program?: string;
  readonly databaseUrl: string;
  readonly dataFolder: string;
  readonly hookSecret: string;
  readonly clock: ClockState;
  readonly stepEnvironment: Readonly<Record<string, string>>;
}

export type ToBot =
  | Briefing
  | { readonly kind: 'clock'; readonly clock: ClockState }
  /** Time has leapt: bells hang where it was before. */
  | { readonly kind: 'sweep' }
  | { readonly kind: 'say'; readonly id: string; readonly person: string; readonly text: string }
  | { readonly kind: 'press'; readonly id: string; readonly person: string; readonly button: Button }
  | { readonly kind: 'count'; readonly id: string }
  /** The message is on everybody's screen. */
  | { readonly kind: 'shown'; readonly id: string };

export type FromBot =
  | { readonly kind: 'ready'; readonly url: string }
  | { readonly kind: 'failed'; readonly message: string }
  | { readonly kind: 'reply'; readonly id: string; readonly card: Card; readonly inChannel: boolean }
  /** Jobs that wait or run, of every kind but deployments, which the database tells more of. */
  | { readonly kind: 'counted'; readonly id: string; readonly jobs: number }
  | {
      readonly kind: 'post';
      readonly id: string;
      readonly message: string;
      readonly to: Destination;
      readonly card: Card;
    }
  | { readonly kind: 'update'; readonly id: string; readonly message: string; readonly card: Card };

/** The channel in which colleagues talk to the bot. */
export const talkChannel = 'releases';
