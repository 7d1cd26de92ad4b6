import { rulesFor } from './case.ts';
import { type Change, changeName } from './change.ts';
import { planChanges } from './change-plan.ts';
import type { Excuse } from './excuse.ts';
import { type Fit, fitChanges } from './fit.ts';
import { type LearnedDurations, learnedOf, nothingLearned, safeDuration } from './learned.ts';
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
  /** ISO; when it is expected to start. Absent where it finds no place, and on sheets of the past. */
  readonly startsAt?: string;
  /** Why it finds no place in the train's windows, and the next window that is long enough for it. */
  readonly overflow?: {
    readonly why: NonNullable<Fit['why']>;
    readonly next?: { readonly train: string; readonly window: string; readonly opens: string };
  };
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
  learned: LearnedDurations = nothingLearned,
): RunSheet => {
  const plan = planChanges(ready, policy, 'thorough', learned);
  const fits = new Map(fitChanges(ready, policy, train, learned).map((fit) => [fit.change.id, fit]));
  const waves = plan.planned.reduce<SheetStart[][]>((sequence, { change, wave }) => {
    const starts = sequence[wave] ?? [];
    sequence[wave] = starts;
    starts.push({
      change: changeName(change.id),
      service: change.service,
      lastSafeStart: latestStart(change, policy, train, learned),
      ...placeOf(fits.get(change.id)),
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

const placeOf = (fit: Fit | undefined): Pick<SheetStart, 'startsAt' | 'overflow'> => {
  if (fit === undefined) return {};
  if (fit.startsAt !== null) return { startsAt: fit.startsAt.toISOString() };
  const next = fit.next === undefined ? {} : { next: { ...fit.next, opens: fit.next.opens.toISOString() } };
  return { overflow: { why: fit.why ?? 'no-time', ...next } };
};

const latestStart = (
  change: Change,
  policy: Policy,
  train: Train,
  learned: LearnedDurations,
): string | null => {
  const rules = rulesFor(change, policy);
  if (!rules) return null;
  const starts = train.windows
    .flatMap((window) => window.open)
    .map((interval) => ({
      interval,
      at: lastSafeStart(
        interval,
        safeDuration(rules.plan, learnedOf(learned, change, rules.plan)),
        rules.plan.reserve,
      ),
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
