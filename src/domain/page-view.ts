import type { Change } from './change.ts';
import type { Deployment } from './deployment.ts';
import type { Way } from './oncall.ts';
import type { Alert, Helper, Page } from './page.ts';
import type { PersonId, Policy } from './policy.ts';
import type { Shift } from './schedule.ts';

/** Whole current state of a page, as its card draws it. */
export interface PageView {
  readonly page: Page;
  /** Those that still fire first; of many, the first ones. */
  readonly alerts: readonly Alert[];
  readonly total: number;
  readonly active: number;
  readonly told: readonly {
    readonly person: PersonId;
    readonly way: Way;
    readonly state: 'waiting' | 'sending' | 'sent' | 'failed' | 'cancelled';
    readonly at: Date;
  }[];
  readonly helpers: readonly Helper[];
  /** Another one that is not over, which this one may belong to. */
  readonly beside: Page | undefined;
  /** The deployment that it is about, or that has held it. */
  readonly release: { readonly deployment: Deployment; readonly change: Change } | undefined;
  readonly policy: Policy;
  readonly now: Date;
}

/** Who is on call now, who is next, and what is open. */
export interface OncallView {
  readonly schedules: readonly {
    readonly name: string;
    readonly current: Shift;
    readonly next: Shift | undefined;
  }[];
  /** The time that was asked about; null: now. */
  readonly at: Date | null;
  readonly pages: readonly Page[];
  readonly policy: Policy;
  readonly now: Date;
}
