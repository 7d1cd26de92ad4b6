import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createAttestations } from '../../src/integrations/sigstore.ts';
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

describe('a builder with an identity', () => {
  const vectors = join(import.meta.dirname, '../integrations/sigstore-vectors');
  const bundle: unknown = JSON.parse(readFileSync(join(vectors, 'with-custom-trust-root.json'), 'utf8'));
  const hosted = 'https://github.com/actions/runner/github-hosted';
  const workflow =
    'https://github.com/sigstore-conformance/extremely-dangerous-public-oidc-beacon/.github/workflows/extremely-dangerous-oidc-beacon.yml@refs/heads/main';
  const bytes = 'sha256:330a043220fa13e01d68a7db39c89e12b0c4c3b6a0346fe624b0903f1303b5b2';

  const judged = async ({
    subject = workflow,
    issuer = 'https://token.actions.githubusercontent.com',
    source = 'https://github.com/sigstore/sigstore-conformance',
    of = bytes,
    provenance = bundle,
    trustedRoot = 'trusted_root.json',
  } = {}) => {
    const policy = shop()
      .replace(
        `  trusted: [${trusted}]\n`,
        `  identities:\n    - { builder: ${hosted}, issuer: ${issuer}, subject: "${subject}" }\n  trustedRoot: ${trustedRoot}\n`,
      )
      .replace('  alone: { owners: [dev] }', `  alone: { owners: [dev], repository: ${source} }`);
    const world = await createWorld({
      policy,
      over: { attestations: createAttestations(), workFolder: vectors },
    });
    const name = await world.submit('dev', 'alone', { artifact: of });
    await world.build('alone', '1.0.0', { artifact: of, builder: hosted, details: { provenance } });
    const [excuse] = (await excuses(world, name)) ?? [];
    return excuse === undefined ? 'counts' : excuse.facts['doubt'];
  };

  it('L4: its build counts with a Sigstore bundle by that identity, of the same bytes, builder and repository', async () => {
    expect(await judged()).toBe('counts');
    expect(await judged({ subject: workflow.replace(/@.*/, '@*') })).toBe('counts');
  });

  it.each([
    ['wrong-identity', { subject: workflow.replace('main', 'dev') }],
    ['wrong-identity', { subject: workflow.replace('github.com', 'github.co.') }],
    ['wrong-identity', { issuer: 'https://accounts.example' }],
    ['wrong-bytes', { of: digest('other') }],
    ['wrong-repository', { source: 'https://github.com/shop/web' }],
    ['no-trusted-root', { trustedRoot: 'nowhere.json' }],
    ['bad-signature', { provenance: envelope(statement({ artifact: bytes, builder: hosted }), ours) }],
    [
      'bad-signature',
      {
        provenance: JSON.parse(
          readFileSync(join(vectors, 'expired-certificate_fail.json'), 'utf8'),
        ) as object,
      },
    ],
  ])('%s: the build does not count', async (doubt, more) => {
    expect(await judged(more)).toBe(doubt);
  });
});

describe('bytes that have to be reproduced', () => {
  const second = 'https://ci2.shop.example/release';
  const policy = shop({ inTestRequires: '[build, reproduced]' }).replace(
    `trusted: [${trusted}]`,
    `trusted: [${trusted}, ${second}]`,
  );
  const wanting = async (world: World, change: string) =>
    (await describeChange(world.context, change, world.clock.now())).stages[0]?.excuses.map(
      ({ code }) => code,
    );

  it('wait for a second trusted builder with the same digest, on every platform', async () => {
    const world = await createWorld({ policy });
    const name = await world.submit('dev', 'multi');
    for (const platform of ['linux-amd64', 'linux-arm64']) {
      await world.build('multi', '1.0.0', { platform });
      await world.build('multi', '1.0.0', { platform });
      await world.build('multi', '1.0.0', { platform, builder: 'https://laptop.example' });
    }
    expect(await wanting(world, name)).toEqual(['not-reproduced']);
    await world.build('multi', '1.0.0', { platform: 'linux-amd64', builder: second });
    expect(await wanting(world, name)).toEqual(['not-reproduced']);
    await world.build('multi', '1.0.0', { platform: 'linux-arm64', builder: second });
    expect(await wanting(world, name)).toEqual([]);
  });
});
