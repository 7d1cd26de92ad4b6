import type { Excuse } from './excuse.ts';
import type { ChangeType, PersonId } from './policy.ts';

/** Stored as JSON with the cutoff it closes: instants are ISO text. The verdict, once written, stands (L3). */
export interface RunSheet {
  readonly train: string;
  readonly cutoff: string;
  readonly at: string;
  readonly meeting?: string;
  readonly ready: readonly SheetLine[];
  readonly moved: readonly (SheetLine & { readonly to: string; readonly excuses: readonly Excuse[] })[];
  /** In the order of the plan; changes of one wave may run side by side. */
  readonly sequence: readonly (readonly SheetStart[])[];
  /** Services that depend on each other in a circle and are deployed together. */
  readonly cycles: readonly (readonly string[])[];
  readonly expectedSeconds: number;
  readonly windows: readonly { readonly name: string; readonly opens: string; readonly closes: string }[];
  readonly players: readonly PersonId[];
  readonly since: SheetDifference | null;
}

export interface SheetLine {
  readonly change: string;
  readonly service: string;
  readonly version: string;
  readonly type: ChangeType;
  readonly requester: PersonId;
  readonly artifact: string | null;
}

export interface SheetStart {
  readonly change: string;
  readonly service: string;
  /** ISO; null when it fits into no window of the train. */
  readonly lastSafeStart: string | null;
}

/** Names of changes. */
export interface SheetDifference {
  readonly cutoff: string;
  readonly joined: readonly string[];
  readonly left: readonly string[];
  readonly rebuilt: readonly string[];
}

/** What the meeting has not seen yet: the new sheet against the train's previous one. */
export const difference = (before: RunSheet, now: Pick<RunSheet, 'ready' | 'moved'>): SheetDifference => {
  const then = new Map(before.ready.map((line) => [line.change, line]));
  const today = new Map([...now.ready, ...now.moved].map((line) => [line.change, line]));
  return {
    cutoff: before.cutoff,
    joined: [...today.keys()].filter((change) => !then.has(change)),
    left: [...then.keys()].filter((change) => !today.has(change)),
    rebuilt: [...today.values()]
      .filter((line) => then.has(line.change) && then.get(line.change)?.artifact !== line.artifact)
      .map((line) => line.change),
  };
};
