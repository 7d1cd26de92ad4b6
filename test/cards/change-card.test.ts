import { describe, expect, test } from 'vitest';
import { changeCard, changeListCard, whyCard } from '../../src/cards/change-card.ts';
import {
  aChange,
  aRun,
  bytes,
  changeView,
  decision,
  deploymentView,
  friday,
  labels,
  local,
  night,
  proof,
  type Scene,
  shown,
  signed,
  tested,
  thursday,
  tuesday,
  verified,
  wednesday,
} from '../support/card-world.ts';

const change = aChange();
const ready: Scene = { change, evidence: verified(change), decisions: signed(change) };
const card = (scene: Scene) => changeCard(changeView(scene));
const text = (scene: Scene): string => shown(card(scene));

describe('the card of a change that collects its papers', () => {
  test('lists what is missing for the next cutoff, whose move it is, and how long is left', () => {
    expect(text({ change: aChange({ artifact: null }), now: tuesday }).split('\n')).toEqual([
      '• CHG-17 checkout 2.4.1 · normal',
      '  CHG-17 needs 3 more things for “in test”.',
      '  Train     weekly-2026-W48 · “in test” closes Wed 25 Nov 12:00, 1 d 3 h left at 09:00',
      '  Asked by  Dana Dome · SHOP-101',
      '  Artifact  not built yet',
      '  In test',
      '  ○ no build of 2.4.1 yet — Dana Dome or CI',
      '  … deployed to test: waits for the build — Dana Dome',
      '  ○ records not ready (SHOP-101) — Dana Dome',
      '  ○ the deployment date is not approved yet — release manager (Rita Release or Remy Relay)',
      '  Ready for production, closes Fri 27 Nov 10:00',
      '  … still to come: signed off by QA and verified in preproduction',
      '',
      '  [1] Veto  [2] Records ready  [3] Approve date  [4] Sign off as QA  [5] Why',
    ]);
  });

  test('says in a line what is in order', () => {
    expect(text({ change, evidence: tested(change) })).toContain(
      '✓ built, deployed to test, records ready and date approved',
    );
  });

  test('names who signed and whose signature is missing', () => {
    const half = text({
      change,
      evidence: tested(change),
      decisions: [decision(change, 'omar')],
      now: thursday,
    });
    expect(half).toContain('Approvals: 1 of 2 signed');
    expect(half).toContain('✓ signed by Omar Orbit for operations');
    expect(half).toContain('○ release manager (Rita Release or Remy Relay)');
  });

  test('L5: names whose signature is void, and what changed since', () => {
    const rebuilt = {
      ...ready,
      decisions: [decision(aChange({ artifact: bytes('b') }), 'omar')],
      now: thursday,
    };
    expect(text(rebuilt)).toContain(
      '✗ Omar Orbit signed before the artifact changed: that signature is void',
    );
    expect(card(rebuilt).tone).toBe('warning');
    expect(labels(card(rebuilt))).toContain('Approve');
  });

  test('L6: a veto stops it, and can only be rescinded', () => {
    const vetoed = {
      ...ready,
      decisions: [...signed(change), decision(change, 'olga', 'veto', { reason: 'the cluster is full' })],
      now: thursday,
    };
    expect(card(vetoed)).toMatchObject({ tone: 'bad', summary: 'CHG-17 is vetoed by Olga Optics.' });
    expect(text(vetoed)).toContain('✗ vetoed by Olga Optics: “the cluster is full”');
    expect(labels(card(vetoed))).toEqual(['Rescind', 'Why']);
  });

  test('a failed re-verification after the cutoff is red again, and told once', () => {
    const failed = proof(change, 'records', {
      outcome: 'fail',
      source: 'jira',
      comment: 'SHOP-101 reopened',
      observedAt: friday,
    });
    const lost = { ...ready, evidence: [...verified(change), failed], now: friday };
    expect(card(lost).tone).toBe('bad');
    expect(text(lost).split('SHOP-101 reopened').length - 1).toBe(2);
    expect(text(lost)).toContain('In test has closed, but this is no longer in order:');
  });

  test('is short when nothing is missing', () => {
    const done = { ...ready, now: thursday };
    expect(card(done)).toMatchObject({ tone: 'good', summary: 'CHG-17 has all its papers.' });
    expect(text(done).split('\n').length).toBeLessThanOrEqual(12);
  });

  test('a change whose service has left the policy says so and offers no signature', () => {
    const orphan = { change: aChange({ service: 'telescope' }) };
    expect(card(orphan)).toMatchObject({
      tone: 'bad',
      summary: 'CHG-17 cannot go on: the policy no longer has its service.',
    });
    expect(labels(card(orphan))).toEqual(['Why']);
  });

  test('nobody’s text becomes markup', () => {
    const note = '<!channel> *bold* [link](https://evil.example)';
    expect(card({ change: aChange({ note }) }).blocks).toContainEqual(
      expect.objectContaining({
        fields: expect.arrayContaining([{ label: 'Note', value: [note] }]),
      }),
    );
  });
});

describe('the card of a change after the last cutoff', () => {
  test('waits for the go, with the buttons for it', () => {
    const waiting = card({ ...ready, now: friday });
    expect(waiting).toMatchObject({
      tone: 'good',
      summary: 'CHG-17 has all its papers and waits for the go.',
    });
    expect(shown(waiting)).toContain('○ no go yet — release manager (Rita Release or Remy Relay)');
    expect(labels(waiting)).toEqual(['Reject', 'Veto', 'Rescind', 'Go', 'No-go', 'Why']);
  });

  test('with a go, waits for its window', () => {
    const going = card({ ...ready, now: friday, go: 'go' });
    expect(going.summary).toBe('CHG-17 has a go and starts in its window.');
    expect(labels(going)).not.toContain('Go');
    expect(labels(going)).toContain('No-go');
  });

  test('its own no-go is taken back for the change, its train’s for the train', () => {
    const own = card({
      ...ready,
      change: { ...change, go: 'nogo', goReason: 'sale' },
      now: friday,
      go: 'go',
    });
    const trains = card({ ...ready, now: friday, go: 'nogo' });
    const go = (of: typeof own) => of.buttons.find((button) => button.verb === 'train go')?.subject;
    expect(own.tone).toBe('warning');
    expect(shown(own)).toContain('sale');
    expect([go(own), go(trains)]).toEqual(['CHG-17', 'weekly-2026-W48']);
  });

  test('a deployment that is held says why and whose move it is, once', () => {
    const hold = {
      code: 'dependency-failed',
      facts: { services: ['cart'] },
      movers: [{ kind: 'role', role: 'operations' }],
    } as const;
    const held = card({
      ...ready,
      now: night,
      go: 'go',
      deployment: deploymentView({ state: 'queued', startedAt: null, hold }),
    });
    expect(held).toMatchObject({
      tone: 'bad',
      summary: 'CHG-17 is stopped: cart had to go first and did not make it.',
    });
    expect(shown(held).match(/did not make it — operations/g)).toHaveLength(1);
  });
});

describe('the card of a change in the night', () => {
  const switching = { ...change, state: 'deploying' as const };

  test('shows how far the deployment is', () => {
    const runs = [
      aRun(0),
      aRun(1, { state: 'running', startedAt: local('2026-11-28 22:07'), finishedAt: null }),
    ];
    const running = card({ ...ready, change: switching, now: night, deployment: deploymentView({}, runs) });
    expect(shown(running)).toContain('1/3 steps');
    expect(shown(running)).toContain('✓ prepare, done after 2 min');
    expect(shown(running)).toContain('▶ verify, running since 22:07 (3 min), 1 min expected');
    expect(shown(running)).toContain('… switch');
    expect(labels(running)).toEqual(['Abort', 'Page on-call']);
  });

  test('L9: a failing step shows the end of its output; what is in production can be rolled back', () => {
    const tail = Array.from({ length: 40 }, (_, i) => `line ${i}`).join('\n');
    const runs = [
      aRun(0),
      aRun(1, { state: 'failed', exitCode: 3, reason: 'exit code 3', tail }),
      aRun(0, { direction: 'undo' }),
    ];
    const undone = card({
      ...ready,
      change: { ...change, state: 'rolled-back' },
      now: night,
      deployment: deploymentView(
        { state: 'rolled-back', finishedAt: night, reason: 'verify: exit code 3' },
        runs,
      ),
    });
    expect(undone.tone).toBe('bad');
    expect(shown(undone)).toContain('✗ verify, failed after 2 min (exit code 3)');
    expect(shown(undone)).toContain('prepare, done after 2 min; undone');
    expect(shown(undone)).toContain('line 39');
    expect(shown(undone)).not.toContain('line 29');
    const done = card({
      ...ready,
      change: { ...change, state: 'deployed' },
      now: night,
      deployment: deploymentView({ state: 'succeeded', finishedAt: night }, [aRun(0), aRun(1), aRun(2)]),
    });
    expect(labels(done)).toEqual(['Roll back', 'Page on-call']);
    expect(shown(done)).toContain('DEP-4 is done · 22:05 to 22:10, 5 min');
  });

  test('L2: a step that nobody knows about is asked about, not run again', () => {
    const runs = [
      aRun(0),
      aRun(1),
      aRun(2, { state: 'unknown', reason: 'the worker died', finishedAt: null }),
    ];
    const asking = card({
      ...ready,
      change: switching,
      now: night,
      deployment: deploymentView({ state: 'asking' }, runs),
    });
    expect(asking).toMatchObject({ tone: 'bad', summary: 'CHG-17 needs an answer: did “switch” happen?' });
    expect(
      asking.buttons.map(({ verb, subject, args, confirm }) => [verb, subject, args, confirm !== undefined]),
    ).toEqual([
      ['deploy resolve', 'DEP-4', ['succeeded'], true],
      ['deploy resolve', 'DEP-4', ['failed'], true],
      ['page raise', 'CHG-17', undefined, false],
    ]);
  });

  test('what cannot be taken back is asked first', () => {
    const cards = [
      card({ ...ready, now: friday }),
      card({ ...ready, change: switching, deployment: deploymentView() }),
      card({
        ...ready,
        change: { ...change, state: 'deployed' },
        deployment: deploymentView({ state: 'succeeded' }),
      }),
    ];
    const asked = cards.flatMap(({ buttons }) =>
      buttons.filter((b) => b.confirm !== undefined).map((b) => b.verb),
    );
    expect(asked.sort()).toEqual(['change veto', 'deploy abort', 'deploy rollback', 'train nogo']);
  });

  test('a withdrawn change has no buttons', () => {
    expect(card({ change: aChange({ state: 'withdrawn' }) })).toMatchObject({ tone: 'neutral', buttons: [] });
  });
});

describe('why', () => {
  test('lists every reason by cutoff, with the command that resolves it', () => {
    const why = whyCard(
      changeView({ change, evidence: tested(change), decisions: [decision(change, 'omar')], now: wednesday }),
    );
    expect(shown(why).split('\n').slice(0, 6)).toEqual([
      '✓ Why · CHG-17 checkout 2.4.1 · normal',
      '  CHG-17 is ready for “in test”. 3 things are still open in all.',
      '  Ready for production, closes Fri 27 Nov 10:00, 2 d 1 h left at 08:40',
      '  ○ no sign-off by QA yet — QA (Quinn Quasar or Quincy Query) → `change sign-off CHG-17 qa`',
      '  ○ not verified in preproduction yet on linux-amd64 and linux-arm64 — operations (Omar Orbit or Olga Optics)',
      '  ○ the signature of release manager is missing — release manager (Rita Release or Remy Relay) → `change approve CHG-17`',
    ]);
    expect(why.buttons.map(({ label, args }) => [label, args])).toEqual([
      ['Sign off as QA', ['qa']],
      ['Approve', undefined],
      ['Show', undefined],
    ]);
  });

  test('says when nothing is missing', () => {
    expect(whyCard(changeView({ ...ready, now: thursday })).summary).toBe(
      'CHG-17 has all its papers. Nothing is missing.',
    );
  });
});

describe('a list of changes', () => {
  test('has a line for each, and cuts what nobody reads', () => {
    const views = Array.from({ length: 27 }, (_, i) => changeView({ change: aChange({ id: i + 1 }) }));
    const many = shown(changeListCard('Your changes', views));
    expect(many).toContain('27 changes.');
    expect(many).toContain('○ CHG-1 checkout 2.4.1 needs 4 more things for “in test”');
    expect(many).toContain('and 12 more');
    expect(many).not.toContain('CHG-16');
  });

  test('says when there is none', () => {
    expect(changeListCard('Your changes', []).summary).toBe('No changes.');
  });
});
