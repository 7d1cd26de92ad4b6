import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { StepRun } from '../../src/domain/deployment.ts';
import { type Move, nextMove } from '../../src/domain/next-move.ts';
import { bakeDuration, expectedDuration, workDuration } from '../../src/domain/phases.ts';
import type { PlanRule, StepRule } from '../../src/domain/policy.ts';
import { minute } from '../../src/domain/time.ts';

const run = { executor: 'command', command: ['x'] } as const;

/** Two kinds of steps a phase, with and without an undo, and the check that ends it. */
const planOf = (bakes: readonly number[], every: number, undos: readonly boolean[]): PlanRule => ({
  name: 'gradual',
  strategy: 'phased',
  reserve: 0,
  phases: bakes.map((bake, i) => ({ name: `p${i}`, group: `p${i}`, bake, every, promote: 'automatic' })),
  steps: bakes.flatMap((_, phase): readonly StepRule[] => [
    ...undos.map(
      (undo, n): StepRule => ({
        name: `s${n} p${phase}`,
        run,
        expected: minute,
        timeout: minute,
        phase,
        ...(undo ? { undo: run } : {}),
      }),
    ),
    { name: `check p${phase}`, run, expected: minute, timeout: minute, phase, check: true },
  ]),
});

interface Told {
  readonly at: number;
  readonly did: string;
}

/** Plays a deployment to its end: what takes a step how long, and which of all runs fails. */
const play = (plan: PlanRule, took: readonly number[], fails: number, promotesAfter: number) => {
  const runs: StepRun[] = [];
  const told: Told[] = [];
  let state: 'running' | 'undoing' = 'running';
  let promoted = 0;
  let now = Date.parse('2026-11-28T22:00:00Z');
  for (let n = 0; n < 10_000; n += 1) {
    const known = { plan, undoAttempt: 1, promoted };
    const move: Move = nextMove(state, known, runs, new Date(now));
    expect(nextMove(state, known, [...runs], new Date(now))).toEqual(move);
    switch (move.kind) {
      case 'bake':
        expect(move.until.getTime()).toBeGreaterThan(now);
        now = move.until.getTime();
        break;
      case 'promote':
        now += promotesAfter;
        promoted = move.phase + 1;
        told.push({ at: now, did: `promote ${move.phase}` });
        break;
      case 'start': {
        const startedAt = new Date(now);
        told.push({ at: now, did: `${move.direction} ${plan.steps[move.step]?.name}` });
        now += took[runs.length % took.length] ?? 0;
        const isBad = move.direction === 'do' && runs.length === fails;
        runs.push({
          id: runs.length,
          step: move.step,
          direction: move.direction,
          attempt: move.attempt,
          fence: 1,
          state: isBad ? 'failed' : 'succeeded',
          handle: {},
          exitCode: isBad ? 1 : 0,
          tail: '',
          reason: null,
          startedAt,
          finishedAt: new Date(now),
        });
        break;
      }
      case 'turn-back':
        state = 'undoing';
        break;
      case 'finish':
        return { as: move.as, told, runs };
      default:
        throw new Error(`it ${move.kind}s`);
    }
  }
  throw new Error('it comes to no end');
};

const times = fc.integer({ min: 0, max: 20 }).map((n) => n * minute);

describe('the phases of a deployment', () => {
  it('follow each other when the one before has baked and was healthy at its end; a failure undoes all, in reverse', () => {
    fc.assert(
      fc.property(
        fc.array(times, { minLength: 2, maxLength: 4 }),
        fc.integer({ min: 1, max: 10 }).map((n) => n * minute),
        fc.array(fc.boolean(), { minLength: 1, maxLength: 3 }),
        fc.array(times, { minLength: 1, maxLength: 5 }),
        fc.integer({ min: 0, max: 60 }),
        times,
        (bakes, every, undos, took, fails, promotesAfter) => {
          const plan = planOf(bakes, every, undos);
          const { as, told, runs } = play(plan, took, fails, promotesAfter);
          const failed = runs.find(({ state }) => state === 'failed');
          expect(as).toBe(failed === undefined ? 'succeeded' : 'rolled-back');
          for (const [phase, bake] of bakes.entries()) {
            const of = (part: (step: StepRule) => boolean) =>
              runs.filter((r) => {
                const step = plan.steps[r.step];
                return r.direction === 'do' && step?.phase === phase && part(step);
              });
            const work = of(({ check }) => check !== true);
            const checks = of(({ check }) => check === true);
            const since = work.at(-1)?.finishedAt?.getTime() ?? Number.NaN;
            // Checks come no further apart than they should, whatever they take.
            let before = since;
            for (const check of checks) {
              expect(check.startedAt.getTime() - before).toBeLessThanOrEqual(every);
              before = check.finishedAt?.getTime() ?? Number.NaN;
            }
            const next = runs.find(
              (r) => r.direction === 'do' && (plan.steps[r.step]?.phase ?? 0) > phase,
            )?.startedAt;
            if (next === undefined) continue;
            const last = checks.at(-1);
            expect(last?.state).toBe('succeeded');
            expect(last?.startedAt.getTime()).toBeGreaterThanOrEqual(since + bake);
            const promotion = told.find(({ did }) => did === `promote ${phase}`);
            expect(promotion?.at).toBeLessThanOrEqual(next.getTime());
          }
          const did = [...new Set(runs.filter((r) => r.direction === 'do').map((r) => r.step))];
          const undone = runs.filter((r) => r.direction === 'undo').map((r) => r.step);
          const owed = did.filter((step) => plan.steps[step]?.undo !== undefined).toReversed();
          expect(undone).toEqual(failed === undefined ? [] : owed);
        },
      ),
      { numRuns: 300 },
    );
  });

  it('wait for their promotion, and are never promoted past a check that failed', () => {
    const plan = planOf([0, 0], minute, [true]);
    const at = (ms: number) => new Date(Date.parse('2026-11-28T22:00:00Z') + ms);
    const ran = (step: number, state: StepRun['state'], ms: number): StepRun => ({
      id: step,
      step,
      direction: 'do',
      attempt: 1,
      fence: 1,
      state,
      handle: {},
      exitCode: 0,
      tail: '',
      reason: null,
      startedAt: at(ms),
      finishedAt: at(ms + 1),
    });
    const known = { plan, undoAttempt: 1, promoted: 0 };
    const healthy = [ran(0, 'succeeded', 0), ran(1, 'succeeded', 2)];
    expect(nextMove('running', known, healthy, at(9))).toEqual({ kind: 'promote', phase: 0 });
    expect(nextMove('running', { ...known, promoted: 1 }, healthy, at(9))).toMatchObject({
      kind: 'start',
      step: 2,
    });
    const sick = [ran(0, 'succeeded', 0), ran(1, 'failed', 2)];
    expect(nextMove('running', { ...known, promoted: 1 }, sick, at(9))).toEqual({
      kind: 'turn-back',
      step: 1,
    });
  });

  it('take as long as their steps, their bakes and the checks that end them', () => {
    const plan = planOf([10 * minute, 5 * minute], minute, [true, false]);
    expect([workDuration(plan), bakeDuration(plan), expectedDuration(plan)]).toEqual([
      4 * minute,
      17 * minute,
      21 * minute,
    ]);
    expect(expectedDuration(plan, 1)).toBe(8 * minute);
    expect(expectedDuration(plan, 2)).toBe(0);
  });
});
