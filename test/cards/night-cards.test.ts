import { describe, expect, test } from 'vitest';
import { deploymentCard, liveCard } from '../../src/cards/deployment-card.ts';
import { planCard } from '../../src/cards/plan-card.ts';
import { calendarCard, trainCard } from '../../src/cards/train-card.ts';
import type { Change } from '../../src/domain/change.ts';
import type { Deployment, StepRun } from '../../src/domain/deployment.ts';
import { hour } from '../../src/domain/time.ts';
import { timetable } from '../../src/domain/timetable.ts';
import type { PlanView } from '../../src/domain/view.ts';
import {
  aChange,
  aRun,
  changeView,
  decision,
  deploymentView,
  friday,
  labels,
  local,
  night,
  policy,
  type Scene,
  shown,
  signed,
  tested,
  train,
  trainId,
  trainView,
  tuesday,
  verified,
} from '../support/card-world.ts';

const services = ['cart', 'ad', 'payment', 'quote', 'email', 'shipping', 'currency', 'frontend'];
const fleet: readonly Change[] = services.map((service, i) =>
  aChange({ id: i + 1, service, version: `1.${i + 1}` }),
);
const views = (scene: (change: Change, i: number) => Scene) =>
  fleet.map((change, i) => changeView({ change, ...scene(change, i) }));

describe('the card of a train', () => {
  test('before its cutoffs: how many are ready, what comes next, the worst first', () => {
    const aboard = views((change, i) => ({
      evidence: i < 5 ? tested(change) : i === 5 ? tested(change).filter((e) => e.kind !== 'records') : [],
      decisions: i === 1 ? [decision(change, 'omar', 'veto')] : [],
    }));
    const card = trainCard(trainView(aboard));
    expect(card.tone).toBe('warning');
    expect(shown(card).split('\n')).toEqual([
      '! Train weekly-2026-W48 · boarding',
      '  8 changes aboard: 4 ready, 3 missing something and 1 stopped.',
      '  ██████████░░░░░░░░░░ 4/8 ready',
      '  ▶ “in test” closes Wed 25 Nov 12:00, meeting 13:00, 3 h 20 min left at 08:40',
      '  … “ready for production” closes Fri 27 Nov 10:00, meeting 11:00',
      '  … window Sat 28 Nov 22:00 to 02:00',
      '',
      '  Not ready yet',
      '  ✗ CHG-2 ad 1.2 is vetoed by Omar Orbit',
      '  ○ CHG-6 shipping 1.6: records not ready (SHOP-101) — Dana Dome',
      '  ○ CHG-7 currency 1.7: no build of 1.7 yet — Dana Dome, and 3 more',
      '  ○ CHG-8 frontend 1.8: no build of 1.8 yet on linux-amd64 and linux-arm64 — Nova Nadir or Dana Dome, and 3 more',
      '  Ready: cart 1.1, payment 1.3, quote 1.4 and email 1.5',
      '',
      '  [1] Plan',
    ]);
  });

  test('after its last cutoff it waits for the go', () => {
    const ready = views((change) => ({ evidence: verified(change), decisions: signed(change), now: friday }));
    const card = trainCard(trainView(ready, friday));
    expect(card.tone).toBe('good');
    expect(card.title).toBe('Train weekly-2026-W48 · waits for the go');
    expect(labels(card)).toEqual(['Go', 'No-go', 'Change by change', 'Plan']);
    const going = trainCard(trainView(ready, friday, { go: 'go' }));
    expect(labels(going)).toEqual(['No-go', 'Change by change', 'Pause', 'Plan']);
    const not = trainCard(trainView(ready, friday, { go: 'nogo', goReason: 'the sale' }));
    expect(not.tone).toBe('warning');
    expect(shown(not)).toContain('✗ no-go: the sale');
    expect(labels(not)).toEqual(['Go', 'Change by change', 'Plan']);
  });

  test('in the window: deployed, running, rolled back and waiting, and what needs a person', () => {
    const asking = deploymentView({ state: 'asking' }, [aRun(0, { state: 'unknown', finishedAt: null })]);
    const aboard = views((change, i) => ({
      change: {
        ...change,
        state: i < 3 ? 'deployed' : i === 3 ? 'rolled-back' : i === 4 ? 'deploying' : 'boarded',
      },
      evidence: verified(change),
      decisions: signed(change),
      now: night,
      go: 'go',
      ...(i === 4 ? { deployment: asking } : {}),
    }));
    const card = trainCard(trainView(aboard, night, { go: 'go' }));
    expect(card.tone).toBe('bad');
    expect(card.summary).toBe('8 changes: 3 deployed, 1 running, 1 rolled back or failed and 3 waiting.');
    expect(shown(card)).toContain('3/8 deployed');
    expect(shown(card)).toContain('▶ window open until Sun 29 Nov 02:00, 3 h 50 min left at 22:10');
    expect(shown(card)).toContain('CHG-5 email 1.5 needs an answer: did “prepare” happen?');
    expect(shown(card)).toMatch(/Needed now: operations \(.+\) for DEP-4/);
    expect(labels(card)).toEqual([
      'No-go',
      'Change by change',
      'Pause',
      'DEP-4 succeeded',
      'DEP-4 failed',
      'Plan',
      'Page on-call',
    ]);
    expect(labels(trainCard(trainView(aboard, night, { go: 'go', paused: true })))).toContain('Resume');
    expect(labels(trainCard(trainView(aboard, night, { go: 'go', ended: true })))).toEqual([]);
  });

  test('says when it is empty, frozen, or has no window', () => {
    const empty = trainCard(trainView([], tuesday, { window: { open: false, frozenBy: 'year end' } }));
    expect(empty.summary).toBe('No change is aboard yet.');
    expect(shown(empty)).toContain('✗ production is frozen: year end');
    expect(shown(empty)).toContain('✗ this train has no window in which production may be changed');
  });

  test('a hundred changes in the way fit on the card', () => {
    const many = Array.from({ length: 100 }, (_, i) => changeView({ change: aChange({ id: i + 1 }) }));
    expect(shown(trainCard(trainView(many)))).toContain('and 85 more');
  });
});

describe('the timetable', () => {
  test('is told by day, without reminders', () => {
    const card = calendarCard(
      timetable(policy, tuesday, new Date(tuesday.getTime() + 5 * 24 * hour)),
      policy.timezone,
    );
    expect(shown(card).split('\n')).toEqual([
      '• Timetable',
      '  6 events; the first is cutoff “in test” on 2026-11-25 12:00.',
      '  Wed 25 Nov 2026',
      '  ○ 12:00 cutoff “in test” · weekly-2026-W48',
      '  · 13:00 meeting after “in test” · weekly-2026-W48',
      '  Fri 27 Nov 2026',
      '  ○ 10:00 cutoff “ready for production” · weekly-2026-W48',
      '  · 11:00 meeting after “ready for production” · weekly-2026-W48',
      '  Sat 28 Nov 2026',
      '  ▶ 22:00 window saturday night opens · weekly-2026-W48',
      '  Sun 29 Nov 2026',
      '  · 02:00 window saturday night closes · weekly-2026-W48',
      '  The policy’s clocks show America/New_York time.',
    ]);
  });

  test('of a year is cut', () => {
    const year = timetable(policy, tuesday, new Date(tuesday.getTime() + 365 * 24 * hour));
    expect(shown(calendarCard(year, policy.timezone))).toMatch(/And \d+ more\./);
    expect(calendarCard([], policy.timezone).summary).toBe('Nothing is on the timetable in this time.');
  });
});

describe('the night on the card of a train', () => {
  const aboard = (
    id: number,
    wave: number,
    more: Partial<Deployment>,
    runs: readonly StepRun[] = [],
    state: Change['state'] = 'deploying',
  ) => {
    const change = aChange({ id, state, service: policy.services.has('cart') ? 'cart' : 'checkout' });
    const view = deploymentView({ id, change: id, wave, startedAt: night, ...more }, runs);
    return {
      change,
      evidence: verified(change),
      decisions: signed(change),
      now: later,
      go: 'go' as const,
      deployment: { ...view, change, now: later },
    };
  };
  const later = local('2026-11-28 22:22');
  const card = (...changes: readonly ReturnType<typeof aboard>[]) =>
    trainCard(
      trainView(
        changes.map((one) => changeView(one)),
        later,
        { go: 'go', expected: 48 * 60_000 },
      ),
    );

  test('has a bar for each wave that is not over, what has passed, who is needed and what a failing step printed', () => {
    const done = { state: 'succeeded', finishedAt: later } as const;
    const broken = aRun(0, { state: 'unknown', finishedAt: null, tail: 'cannot reach the rig' });
    const night1 = card(
      aboard(1, 0, done, [], 'deployed'),
      aboard(2, 1, done, [], 'deployed'),
      aboard(3, 1, { state: 'running' }, [aRun(0, { state: 'running', finishedAt: null })]),
      aboard(4, 1, { state: 'asking' }, [broken]),
      aboard(5, 2, { state: 'queued', startedAt: null }, [], 'boarded'),
    );
    const text = shown(night1);
    expect(text).not.toContain('wave 1 of 3');
    expect(text).toContain('1/3 wave 2 of 3, 1 under way');
    expect(text).toContain('0/1 wave 3 of 3');
    expect(text).toContain('under way since 22:10, 12 min at 22:22; about 48 min expected in all');
    expect(text).toMatch(/CHG-3 \S+ \S+ is being deployed, step prepare, 12 min of about .+ at 22:22/);
    expect(text).toMatch(/Needed now: operations \(.+\) for DEP-4/);
    expect(text).toContain('cannot reach the rig');
    expect(labels(night1)).toEqual(expect.arrayContaining(['DEP-4 succeeded', 'Stop everything']));
  });

  test('when all is over it says how long that took, and its buttons are gone', () => {
    const done = { state: 'succeeded', finishedAt: later } as const;
    const over = card(aboard(1, 0, done, [], 'deployed'), aboard(2, 1, done, [], 'deployed'));
    expect(shown(over)).toContain('22:10 to 22:22, 12 min; about 48 min expected in all');
    expect(shown(over)).not.toContain('wave');
    expect(labels(over)).not.toContain('Stop everything');
  });

  test('near the end of the window it asks what becomes of what runs, until somebody has said it', () => {
    const running = aboard(3, 0, { state: 'running' });
    const ending = (more: object) =>
      trainCard(
        trainView([changeView(running)], local('2026-11-29 01:50'), {
          go: 'go',
          window: { open: true, closes: local('2026-11-29 02:00'), ...more },
        }),
      );
    expect(labels(ending({}))).toEqual(expect.arrayContaining(['Let it finish', 'Stop and roll back']));
    const said = ending({ atEnd: { choice: 'roll-back', person: 'rita', at: night } });
    expect(labels(said)).not.toContain('Let it finish');
    expect(shown(said)).toMatch(/what runs then is stopped and rolled back \(Rita/);
  });
});

describe('the plan', () => {
  const one = (change: string, service: string, more: Partial<PlanView['waves'][number][number]> = {}) => ({
    change,
    service,
    version: '1.0',
    expected: 185_000,
    lastSafeStart: local('2026-11-29 01:40'),
    state: 'boarded',
    ...more,
  });
  const plan = (waves: PlanView['waves'], cycles: PlanView['cycles'] = []): PlanView => ({
    train,
    waves,
    cycles,
    makespanSeconds: 400,
    windows: [{ name: 'saturday-night', from: local('2026-11-28 22:00'), until: local('2026-11-29 02:00') }],
  });

  test('has waves, last safe starts, and says what is deployed together or does not fit', () => {
    const card = planCard(
      plan([[one('CHG-1', 'cart')], [one('CHG-2', 'ad', { lastSafeStart: null })]], [['cart', 'ad']]),
      policy,
    );
    expect(card.tone).toBe('warning');
    expect(shown(card)).toContain('… wave 1 · cart 1.0 (CHG-1), 3 min 5 s — start by 01:40');
    expect(shown(card)).toContain('✗ wave 2 · ad 1.0 (CHG-2), 3 min 5 s — too long for the window');
    expect(shown(card)).toContain('cart and ad depend on each other and are deployed together.');
  });

  test('of many changes has a line for each wave', () => {
    const wave = Array.from({ length: 150 }, (_, i) => one(`CHG-${i}`, `service-${i}`));
    expect(shown(planCard(plan([wave]), policy))).toContain('service-7 and 142 more');
    expect(planCard(plan([]), policy).summary).toBe('No change is aboard weekly-2026-W48 yet.');
  });
});

describe('deployments', () => {
  const running = deploymentView({}, [aRun(0), aRun(1, { state: 'running', finishedAt: null })]);
  const asking = deploymentView({ id: 5, service: 'cart', state: 'asking' }, [
    aRun(0, { state: 'unknown', finishedAt: null }),
  ]);

  test('one shows its steps, what can be done, and the way to its change', () => {
    expect(labels(deploymentCard(running, policy))).toEqual(['Abort', 'Page on-call', 'Show CHG-17']);
    const failed = deploymentView({ state: 'failed', reason: 'switch: timeout', finishedAt: night }, [
      aRun(0),
    ]);
    expect(shown(deploymentCard(failed, policy))).toContain('Reason    switch: it took too long');
    expect(labels(deploymentCard(failed, policy))).toEqual(['Roll back', 'Page on-call', 'Show CHG-17']);
  });

  test('those that need a person come first', () => {
    const card = liveCard([running, asking], policy);
    expect(card).toMatchObject({
      tone: 'bad',
      summary: '2 deployments in production now, 1 of them needs an answer.',
    });
    expect(shown(card).indexOf('DEP-5')).toBeLessThan(shown(card).indexOf('DEP-4'));
    expect(labels(card)).toEqual([
      'DEP-5 succeeded',
      'DEP-5 failed',
      `Pause ${trainId}`,
      'Abort DEP-4',
      'Stop everything',
    ]);
    expect(liveCard([], policy).summary).toBe('Nothing is being deployed to production.');
  });
});
