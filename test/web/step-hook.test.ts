import { describe, expect, it } from 'vitest';
import { stepToken } from '../../src/domain/step-token.ts';
import { createExecutors } from '../../src/executors/all.ts';
import { abortDeployment } from '../../src/operations/steer-deployment.ts';
import { createStepCalls } from '../../src/store/step-calls.ts';
import { eventually } from '../executors/runs.ts';
import { protocolServer } from '../support/protocol-server.ts';
import { shop, week48 } from '../support/shop.ts';
import { createWorld } from '../support/world.ts';
import { openSite, secret, stillQueue } from './site.ts';

const token = (url: string | undefined): string => url?.split('/hooks/steps/')[1] ?? '';

/** A service whose one step is a webhook that calls back, its undo a command. */
const open = async () => {
  const asked: { readonly callback: string; readonly run: string }[] = [];
  const system = await protocolServer(({ body }) => {
    asked.push(JSON.parse(body));
    return { status: 202 };
  });
  const world = await createWorld({
    policy: shop({ services: ['far: { plan: afar }'] })
      .replace(
        '\nplans:\n',
        `
plans:
  afar:
    steps:
      - name: ask
        expected: 1s
        timeout: 1s
        run: { webhook: { url: "${system.url}/deploy", callback: true, body: { what: "{service} {artifact}" } } }
        undo: { command: [./step.sh, take-back, "{service}"] }
`,
      )
      .replaceAll(/(db|api|web|left|right|multi|alone): \{ /g, '$1: { plan: steps, '),
  });
  const context = await world.instance({
    executors: createExecutors(world.context.executors.command, {
      calls: createStepCalls(world.context.store.db),
      secret: () => undefined,
      pollMs: 10,
      graceMs: 100,
      publicUrl: 'https://signalbox.example',
      hookSecret: { reveal: () => secret },
    }),
  });
  const site = await openSite({ context, queue: stillQueue });
  const post = (shown: string, body: unknown) =>
    fetch(`${site.url}/hooks/steps/${shown}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
  const [far = ''] = await world.toGo('far');
  world.clock.set(new Date(week48.opens));
  await world.sweep();
  const night = world.pump(context);
  const [first] = await eventually(() => (asked.length > 0 ? asked : undefined));
  return { world, context, night, post, asked, far, shown: token(first?.callback) };
};

describe('POST /hooks/steps/:token', () => {
  it('ends the step that waits for it, once; the same again changes nothing, another result is refused', async () => {
    const { world, night, post, asked, far, shown } = await open();
    expect(asked[0]).toMatchObject({
      what: expect.stringMatching(/^far sha256:/),
      deployment: 'DEP-1',
      step: 'ask',
    });
    expect((await post(shown, { state: 'succeeded', output: 'all done' })).status).toBe(200);
    expect((await post(shown, { state: 'succeeded' })).status).toBe(200);
    const other = await post(shown, { state: 'failed' });
    expect([other.status, await other.json()]).toMatchObject([400, { code: 'step-not-awaited' }]);
    await night;
    expect((await world.deployment(far)).state).toBe('succeeded');
    expect(asked).toHaveLength(1);
  });

  it('a failure that is called back is undone', async () => {
    const { world, night, post, far, shown } = await open();
    await post(shown, { state: 'failed', output: 'no room' });
    await night;
    expect(await world.deployment(far)).toMatchObject({
      state: 'rolled-back',
      reason: 'ask: it says that it failed',
    });
    expect(world.ledger()).toEqual(['far take-back']);
  });

  it('a forged token, one that is cut, and one of another secret prove nothing', async () => {
    const { world, context, night, post, far, shown } = await open();
    const [run = '', signature = ''] = shown.split('~');
    const forged = [
      `${run}x~${signature}`,
      `${run}~${signature.slice(0, -1)}`,
      `${run}~${'0'.repeat(64)}`,
      stepToken('another secret of some length', run),
      run,
      '~',
    ];
    for (const one of forged)
      expect([one, (await post(one, { state: 'succeeded' })).status]).toEqual([one, 401]);
    expect((await world.deployment(far)).state).toBe('running');
    const body = await post(shown, { state: 'maybe' });
    expect([body.status, await body.json()]).toMatchObject([400, { faults: [{ path: 'state' }] }]);
    await post(shown, { state: 'succeeded' });
    await night;
    void context;
  });

  it('an old token does nothing: the step was given up on, or belongs to another attempt', async () => {
    const { world, context, night, post, far, shown } = await open();
    // It cannot be stopped from here: nobody knows what becomes of it, and a person is asked.
    await abortDeployment(context, world.cause('omar'), { deployment: far });
    world.clock.advance(60 * 60_000);
    await night;
    expect((await world.deployment(far)).state).toBe('asking');
    const late = await post(shown, { state: 'succeeded' });
    expect([late.status, await late.json()]).toMatchObject([400, { code: 'step-not-awaited' }]);
    const never = await post(stepToken(secret, 'run-DEP-1.ask.do.2.0123456789abcdef'), {
      state: 'succeeded',
    });
    expect(never.status).toBe(400);
    expect((await world.deployment(far)).state).toBe('asking');
  });
});
