import { describe, expect, it } from 'vitest';
import { policyCard } from '../../src/cards/policy-card.ts';
import { renderCard } from '../../src/chat/console/render.ts';
import { adoptPolicy, followPolicy, proposePolicy } from '../../src/operations/adopt-policy.ts';
import {
  approvePolicy,
  describePolicy,
  forcePolicy,
  rejectPolicy,
} from '../../src/operations/decide-policy.ts';
import { type LoadedPolicy, loadPolicy } from '../../src/policy/load.ts';
import { shop, week48 } from '../support/shop.ts';
import { createWorld, refusalOf, type World } from '../support/world.ts';

const strict = shop();
const loose = strict.replace('normal: [operations: 1, release-manager: 1]', 'normal: [operations: 1]');

const load = (text: string): LoadedPolicy => {
  const loaded = loadPolicy(text, 'signalbox.yaml', new Date(week48.monday));
  if (!loaded.ok) throw new Error('faulty');
  return loaded;
};
const adopt = (world: World, text: string) => adoptPolicy(world.context, load(text), 'signalbox.yaml');
const approve = (world: World, person: string, policy = 'POL-2') =>
  approvePolicy(world.context, world.cause(person), { policy });

describe('a policy that asks for less', () => {
  it('stays out of force, over a restart too, until the seats of the loosened rule have signed', async () => {
    const world = await createWorld();
    expect((await adopt(world, strict)).waits).toBeUndefined();
    const first = await adopt(world, loose);
    expect(first).toMatchObject({ waits: 'POL-2', inForce: { digest: load(strict).digest } });
    // As after a restart with the same file: the same proposal, nobody is asked again.
    expect(await adopt(world, loose)).toMatchObject({ waits: 'POL-2' });
    const asked = (await world.notices()).filter(({ kind }) => kind === 'policy-waits');
    expect(asked.map(({ lane }) => lane)).toEqual(
      ['omar', 'olga', 'rita', 'remy'].map((person) => `console/person/${person}`),
    );
    expect(await refusalOf(approve(world, 'quinn'))).toMatchObject({ code: 'not-your-seat' });
    await approve(world, 'omar');
    expect(await followPolicy(world.context, load(strict).digest)).toBeUndefined();
    expect(await refusalOf(approve(world, 'omar'))).toMatchObject({ code: 'already-signed' });
    const card = policyCard(await describePolicy(world.context, 'POL-2'));
    const text = renderCard(card, { zone: 'UTC', width: 200, color: false }).text;
    expect(text).toContain('approvals.normal');
    expect(text).toContain('[{"operations":1},{"release-manager":1}]');
    await approve(world, 'rita');
    expect(await followPolicy(world.context, load(strict).digest)).toMatchObject({
      digest: load(loose).digest,
    });
    expect((await world.audit('policy-signed')).at(-1)?.facts).toMatchObject({ policy: 'POL-2' });
    expect(await adopt(world, loose)).toMatchObject({ inForce: { digest: load(loose).digest } });
    expect(await refusalOf(approve(world, 'olga'))).toMatchObject({ code: 'policy-settled' });
  });

  it('is over with one no, and when the file says something else', async () => {
    const world = await createWorld();
    await adopt(world, strict);
    await adopt(world, loose);
    const no = { policy: 'POL-2', reason: 'not before the audit' };
    expect(await refusalOf(rejectPolicy(world.context, world.cause('quinn'), no))).toMatchObject({
      code: 'not-your-role',
    });
    await rejectPolicy(world.context, world.cause('rita'), no);
    expect(await refusalOf(approve(world, 'omar'))).toMatchObject({ code: 'policy-settled' });
    // Said again it is asked again.
    expect(await adopt(world, loose)).toMatchObject({ waits: 'POL-3' });
    expect(await adopt(world, `${loose}quietHours: { from: "20:00", to: "07:00" }\n`)).toMatchObject({
      waits: 'POL-4',
    });
    expect(await refusalOf(approve(world, 'omar', 'POL-3'))).toMatchObject({ code: 'policy-settled' });
    // Back to what is in force: nothing is waited for, and what asks for more needs nobody.
    expect((await adopt(world, strict)).waits).toBeUndefined();
    const stricter = strict.replace('normal: [operations: 1,', 'normal: [operations: 2,');
    expect(await adopt(world, stricter)).toMatchObject({ inForce: { digest: load(stricter).digest } });
  });

  it('L6: proposed before it is merged is not signed by its author, and is in force once the file says so', async () => {
    const world = await createWorld();
    await adopt(world, strict);
    const proposal = { text: loose, author: 'omar', url: 'https://git.shop.example/policy/pull/7' };
    await proposePolicy(world.context, world.cause('system:hook', 'hook:1'), proposal);
    expect(await refusalOf(approve(world, 'omar'))).toMatchObject({ code: 'own-change' });
    await approve(world, 'olga');
    await approve(world, 'rita');
    expect(await followPolicy(world.context, load(strict).digest)).toBeUndefined();
    expect(await adopt(world, loose)).toMatchObject({ inForce: { digest: load(loose).digest } });
    expect(
      await refusalOf(
        proposePolicy(world.context, world.cause('system:hook', 'hook:2'), { text: 'trains: 7' }),
      ),
    ).toMatchObject({ code: 'policy-faulty' });
  });

  it('signed for another policy than the one in force by now is asked about anew', async () => {
    const world = await createWorld();
    await adopt(world, strict);
    await proposePolicy(world.context, world.cause('system:hook', 'hook:1'), { text: loose });
    await approve(world, 'olga');
    await approve(world, 'rita');
    await adopt(world, strict.replace('concurrency: 8', 'concurrency: 2'));
    expect(await adopt(world, loose)).toMatchObject({ waits: 'POL-4' });
  });

  it('L12: forced by whoever has the database is in force, with the reason on the record', async () => {
    const world = await createWorld();
    await adopt(world, strict);
    await adopt(world, loose);
    await forcePolicy(world.context.store, world.cause('system:cli/root'), {
      policy: 'pol-2',
      reason: 'nobody can be reached',
    });
    expect((await followPolicy(world.context, load(strict).digest))?.digest).toBe(load(loose).digest);
    expect((await world.audit('policy-forced')).at(-1)).toMatchObject({
      actor: 'system:cli/root',
      facts: { policy: 'POL-2', reason: 'nobody can be reached', rules: ['approvals.normal'] },
    });
  });

  it('two instances that read the same file at the same moment make one proposal', async () => {
    const world = await createWorld();
    await adopt(world, strict);
    const both = await Promise.all([adopt(world, loose), adopt(world, loose)]);
    expect(both.map(({ waits }) => waits)).toEqual(['POL-2', 'POL-2']);
  });
});
