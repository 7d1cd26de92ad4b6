import { describe, expect, it } from 'vitest';
import { excuseText } from '../../src/cards/excuse-words.ts';
import { raiseEmergency } from '../../src/operations/raise-emergency.ts';
import { replayDecision } from '../../src/operations/replay-decision.ts';
import { rollBackDeployment } from '../../src/operations/steer-deployment.ts';
import { sign, strictShop } from '../support/exceptions.ts';
import { policyOf, shop, week48 } from '../support/shop.ts';
import { createWorld, type World } from '../support/world.ts';
import { began, holdOf, openGate, states, waits } from './nights.ts';

const services = Array.from({ length: 6 }, (_, i) => `s${i}: {}`);
const names = services.map((line) => line.slice(0, 2));

const claiming = (claims: string, resources: string, base = shop) =>
  base({ services })
    .replace('\n  steps:\n', `\n  steps:\n    claims: ${claims}\n`)
    .replace('\nplans:', `\nresources: ${resources}\nplans:`);

const mostAtATime = async (world: World): Promise<number> => {
  let running = 0;
  let most = 0;
  for (const { kind } of await world.audit()) {
    if (kind === 'deployment-started') running += 1;
    if (kind === 'deployment-finished' || kind === 'rolled-back') running -= 1;
    most = Math.max(most, running);
  }
  return most;
};

describe('L1: what deployments share', () => {
  it('is never held by more than there is for, and everybody has a turn', async () => {
    const world = await createWorld({ policy: claiming('{ rig: 2 }', '{ rig: { capacity: 5 } }') });
    const all = await world.toGo(...names);
    await world.advance(week48.opens);
    expect(await states(world, ...all)).toEqual(names.map(() => 'succeeded'));
    expect(await mostAtATime(world)).toBe(2);
  });

  it('says who holds it while it is waited for, and is free again after a rollback', async () => {
    const world = await createWorld({ policy: claiming('{ cluster: 1 }', '{ cluster: {} }') });
    const [first = '', second = ''] = await world.toGo('s0', 's1');
    world.behave('s0', 'prepare', `${waits}; exit 1`);
    const night = world.advance(week48.opens);
    await began(world, 's0 prepare');
    const { hold } = await world.deployment(second);
    expect(hold).toMatchObject({
      code: 'resource-busy',
      facts: { resource: 'cluster', deployments: ['DEP-1'] },
    });
    if (hold) expect(excuseText(hold, policyOf(shop()))).toEqual(['cluster is held by DEP-1']);
    openGate(world);
    await night;
    expect(await states(world, first, second)).toEqual(['rolled-back', 'succeeded']);
    expect(await mostAtATime(world)).toBe(1);
  });

  it('is held by what waits for an answer: its step may be using it still', async () => {
    const world = await createWorld({ policy: claiming('{ cluster: 1 }', '{ cluster: {} }') });
    const [first = '', second = ''] = await world.toGo('s0', 's1');
    world.behave('s0', 'check', 'kill -9 $PPID');
    await world.advance(week48.opens);
    expect(await states(world, first, second)).toEqual(['asking', 'queued']);
    expect(await holdOf(world, second)).toBe('resource-busy');
  });

  it('is not taken by an emergency either: it waits until that is free, and goes at once', async () => {
    const world = await createWorld({ policy: claiming('{ cluster: 1 }', '{ cluster: {} }', strictShop) });
    const [first = ''] = await world.toGo('s0');
    world.behave('s0', 'check', waits);
    const night = world.advance(week48.opens);
    await began(world, 's0 check');
    await world.build('s1', '1.0.1');
    const { id } = await raiseEmergency(world.context, world.cause('dev'), {
      service: 's1',
      version: '1.0.1',
      records: [],
      reason: 'nobody can pay',
    });
    const urgent = `CHG-${id}`;
    await sign(world, urgent, 'bea', 'sol', 'omar');
    const other = await world.instance();
    await world.pump(other);
    expect((await world.deployment(urgent)).hold).toMatchObject({
      code: 'resource-busy',
      facts: { resource: 'cluster', deployments: ['DEP-1'] },
    });
    expect((await replayDecision(world.context.store, 'DEP-1')).excuses).toEqual([]);
    openGate(world);
    await night;
    expect(await states(world, first, urgent)).toEqual(['succeeded', 'succeeded']);
    expect(await mostAtATime(world)).toBe(1);
    expect((await replayDecision(world.context.store, 'DEP-2')).excuses).toEqual([]);
  });

  it('L9: never keeps a rollback waiting', async () => {
    const world = await createWorld({ policy: claiming('{ cluster: 1 }', '{ cluster: {} }') });
    const [first = '', second = ''] = await world.toGo('s0', 's1');
    world.behave('s1', 'check', waits);
    const night = world.advance(week48.opens);
    await began(world, 's1 check');
    await rollBackDeployment(world.context, world.cause('omar'), { deployment: first });
    const other = await world.instance();
    await world.pump(other);
    expect(await states(world, first)).toEqual(['rolled-back']);
    openGate(world);
    await night;
    expect(await states(world, second)).toEqual(['succeeded']);
  });

  it('that the policy has too little of holds the deployment, and says so', async () => {
    const world = await createWorld({ policy: claiming('{ rig: 2 }', '{ rig: { capacity: 5 } }') });
    const [alone = ''] = await world.toGo('alone');
    const policy = policyOf(claiming('{ rig: 2 }', '{ rig: { capacity: 5 } }'));
    await world.reload({ ...policy, resources: new Map() });
    await world.advance(week48.opens);
    expect(await world.deployment(alone)).toMatchObject({
      state: 'queued',
      hold: { code: 'resource-short', facts: { resource: 'rig', needs: 2, capacity: 0 } },
    });
  });
});

describe('claims in the policy', () => {
  it('name a resource that is there, and no more of it than there is', () => {
    expect(() => policyOf(claiming('{ cluser: 1 }', '{ cluster: {} }'))).toThrow(
      'there is no resource "cluser"; did you mean "cluster"?',
    );
    expect(() => policyOf(claiming('{ cluster: 2 }', '{ cluster: {} }'))).toThrow(
      'is more than there is of cluster (1)',
    );
  });
});
