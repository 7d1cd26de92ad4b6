import { rulesFor } from './case.ts';
import { type Change, changeName } from './change.ts';
import { planChanges } from './change-plan.ts';
import { expectedDuration } from './deployment.ts';
import type { Excuse } from './excuse.ts';
import type { ChangeType, PersonId, Policy } from './policy.ts';
import type { Train, TrainCutoff } from './train.ts';
import { lastSafeStart } from './window.ts';

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

/** All that the meeting after a cutoff needs. */
export const runSheet = (
  policy: Policy,
  train: Train,
  cutoff: TrainCutoff,
  ready: readonly Change[],
  moved: RunSheet['moved'],
  previous: RunSheet | undefined,
): RunSheet => {
  const plan = planChanges(ready, policy);
  const waves = plan.planned.reduce<SheetStart[][]>((sequence, { change, wave }) => {
    const starts = sequence[wave] ?? [];
    sequence[wave] = starts;
    starts.push({
      change: changeName(change.id),
      service: change.service,
      lastSafeStart: latestStart(change, policy, train),
    });
    return sequence;
  }, []);
  const lines = ready.map(sheetLine);
  return {
    train: train.id,
    cutoff: cutoff.name,
    at: cutoff.at.toISOString(),
    ...(cutoff.meeting === undefined ? {} : { meeting: cutoff.meeting.toISOString() }),
    ready: lines,
    moved,
    sequence: waves,
    cycles: plan.cycles,
    expectedSeconds: plan.makespanSeconds,
    windows: train.windows.map((w) => ({
      name: w.name,
      opens: w.opens.toISOString(),
      closes: w.closes.toISOString(),
    })),
    players: playersOf(ready, policy),
    since: previous === undefined ? null : difference(previous, { ready: lines, moved }),
  };
};

export const sheetLine = (change: Change): SheetLine => ({
  change: changeName(change.id),
  service: change.service,
  version: change.version,
  type: change.type,
  requester: change.requester,
  artifact: change.artifact,
});

const latestStart = (change: Change, policy: Policy, train: Train): string | null => {
  const rules = rulesFor(change, policy);
  if (!rules) return null;
  const starts = train.windows
    .flatMap((window) => window.open)
    .map((interval) => ({
      interval,
      at: lastSafeStart(interval, expectedDuration(rules.plan), rules.plan.reserve),
    }))
    .filter(({ interval, at }) => at >= interval.from);
  return starts.at(-1)?.at.toISOString() ?? null;
};

/** Who has a part in the night: those who asked, those who answer for the services, operations and release managers. */
const playersOf = (changes: readonly Change[], policy: Policy): readonly PersonId[] => {
  if (changes.length === 0) return [];
  const people = [
    ...['operations', ...policy.releaseManagers].flatMap((name) => policy.roles.get(name) ?? []),
    ...changes.flatMap((change) => [
      change.requester,
      ...(policy.services.get(change.service)?.owners ?? []),
    ]),
  ];
  return [...new Set(people)];
};
