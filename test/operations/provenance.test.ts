import { describe, expect, it } from 'vitest';
import { describeChange } from '../../src/operations/describe.ts';
import { loadPolicy } from '../../src/policy/load.ts';
import { ed25519, envelope, statement } from '../support/provenance.ts';
import { shop, trusted, week48 } from '../support/shop.ts';
import { createWorld, digest, type World } from '../support/world.ts';

const ours = ed25519();
const repository = 'https://git.shop.example/shop/alone';

const keyed = (pem = ours.pem): string =>
  shop()
    .replace(
      `  trusted: [${trusted}]\n`,
      `  keys:\n    - builder: ${trusted}\n      publicKey: |\n${pem.trim().replaceAll(/^/gm, '        ')}\n`,
    )
    .replace('  alone: { owners: [dev] }', `  alone: { owners: [dev], repository: ${repository} }`);

const artifact = digest('alone', '1.0.0');
const proof = (more: object = {}) =>
  envelope(statement({ artifact, builder: trusted, repository, ...more }), ours);

const excuses = async (world: World, change: string) =>
  (await describeChange(world.context, change, world.clock.now())).stages[0]?.excuses.filter(
    ({ requirement }) => requirement === 'build',
  );

describe('a builder with a key', () => {
  it('L4: its build counts with a provenance of the same bytes, builder and repository', async () => {
    const world = await createWorld({ policy: keyed() });
    const name = await world.submit('dev', 'alone');
    await world.build('alone', '1.0.0', { details: { provenance: proof() } });
    expect((await world.change(name)).artifact).toBe(artifact);
    expect(await excuses(world, name)).toEqual([]);
    await world.passInTest(name);
    await world.advance(week48.inTest);
    expect((await world.change(name)).train).toBe(week48.train);
  });

  it.each([
    ['no-provenance', undefined],
    ['wrong-bytes', proof({ artifact: digest('other') })],
    ['wrong-builder', proof({ builder: 'https://laptop.example' })],
    ['wrong-repository', proof({ repository: 'https://git.shop.example/shop/fork' })],
    ['bad-signature', envelope(statement({ artifact, builder: trusted, repository }), ed25519())],
    ['unreadable', 'forged'],
  ])('%s: the build is shown, does not count, and says why', async (doubt, provenance) => {
    const world = await createWorld({ policy: keyed() });
    const name = await world.submit('dev', 'alone', { artifact });
    await world.build('alone', '1.0.0', { details: { provenance } });
    expect(await excuses(world, name)).toMatchObject([
      { code: 'build-unproven', facts: { builder: trusted, doubt } },
    ]);
    expect((await world.audit('evidence')).at(-1)).toMatchObject({ facts: { doubt } });
    // The proof may come later; what was proven is not undone by a report without one.
    await world.build('alone', '1.0.0', { details: { provenance: proof() } });
    await world.build('alone', '1.0.0', { details: { provenance } });
    expect(await excuses(world, name)).toEqual([]);
  });

  it('gives no bytes to a change that waits for its version, and the change says why it waits', async () => {
    const world = await createWorld({ policy: keyed() });
    const name = await world.submit('dev', 'alone');
    await world.build('alone', '1.0.0');
    expect((await world.change(name)).artifact).toBeNull();
    expect(await excuses(world, name)).toMatchObject([
      { code: 'build-unproven', facts: { doubt: 'no-provenance' } },
    ]);
  });

  it('is the only kind that counts when no other is named', async () => {
    const world = await createWorld({ policy: keyed() });
    const name = await world.submit('dev', 'alone', { artifact });
    await world.build('alone', '1.0.0', { builder: 'https://laptop.example' });
    expect(await excuses(world, name)).toMatchObject([{ code: 'untrusted-builder' }]);
  });

  it('fails no less for being unproven', async () => {
    const world = await createWorld({ policy: keyed() });
    const name = await world.submit('dev', 'alone', { artifact });
    await world.build('alone', '1.0.0', { details: { provenance: proof() } });
    world.clock.advance(1_000);
    await world.build('alone', '1.0.0', { outcome: 'fail' });
    expect(await excuses(world, name)).toMatchObject([{ code: 'build-failed' }]);
  });
});

it('a policy with something else for a key is faulty there', () => {
  const loaded = loadPolicy(keyed('not a key'), 'shop.yaml', new Date(week48.monday));
  expect(loaded.ok ? [] : loaded.faults.map(({ path }) => path)).toEqual(['builders.keys[0].publicKey']);
});
