import { describe, expect, it } from 'vitest';
import { recordReading } from '../../src/operations/record-reading.ts';
import { openDesk } from '../support/desk.ts';
import { shop, week48 } from '../support/shop.ts';
import { createWorld, digest, type World } from '../support/world.ts';

const names = ['coming', 'adrift', 'unread', 'excused', 'settings', 'same'] as const;

const policy = shop({
  services: names.map((name) =>
    name === 'excused'
      ? `${name}: { owners: [dev], differs: [artifact, configuration] }`
      : `${name}: { owners: [dev] }`,
  ),
}).replace(
  'requires: [sign-off:qa, verified:preproduction, records, approvals]',
  'requires: [sign-off:qa, verified:preproduction, mirror:preproduction, records, approvals]',
);

const readTwice = async (
  world: World,
  service: string,
  environment: string,
  more: { readonly artifact?: string; readonly configuration?: string },
) => {
  for (let n = 0; n < 2; n += 1) {
    world.clock.advance(1_000);
    await recordReading(world.context, world.cause('system:probe'), {
      service,
      environment,
      source: 'probe',
      ...more,
    });
  }
};

const old = (service: string) => digest(service, 'old');
const mine = (service: string) => digest(service, '1.0.0');

/** A change of each aboard after the first cutoff, production read as it was, preproduction as the name says. */
const friday = async () => {
  const world = await createWorld({ policy });
  const changes = new Map<string, string>();
  for (const name of names) {
    const change = await world.submit('dev', name);
    await world.passInTest(change);
    changes.set(name, change);
    if (name !== 'unread') await readTwice(world, name, 'production', { artifact: old(name) });
  }
  await readTwice(world, 'coming', 'preproduction', { artifact: mine('coming') });
  await readTwice(world, 'adrift', 'preproduction', { artifact: digest('adrift', 'by hand') });
  await readTwice(world, 'excused', 'preproduction', {
    artifact: digest('excused', 'other'),
    configuration: digest('here only'),
  });
  await readTwice(world, 'settings', 'production', { configuration: digest('one') });
  await readTwice(world, 'settings', 'preproduction', {
    artifact: old('settings'),
    configuration: digest('another'),
  });
  await readTwice(world, 'same', 'preproduction', { artifact: old('same') });
  await world.advance(week48.inTest);
  for (const change of changes.values()) await world.passReady(change);
  return { world, changes };
};

const excusesAt = async (world: World) =>
  Object.fromEntries(
    (await world.audit('moved')).map(({ service, facts }) => [
      service,
      ((facts?.['excuses'] ?? []) as readonly { readonly code: string }[]).map(({ code }) => code),
    ]),
  );

describe('the mirror of production', () => {
  it('is an excuse at the cutoff that asks for it, unless the change itself or the policy explains the difference', async () => {
    const { world, changes } = await friday();
    await world.advance(new Date(new Date(week48.ready).getTime() - 2_000));
    const { say } = openDesk(world.context);
    const why = await say('dev', `change why ${changes.get('adrift')}`);
    expect(why.text).toContain('preproduction is not like production: artifact differs');
    expect((await say('dev', `change why ${changes.get('unread')}`)).text).toContain(
      'nobody has told what runs in preproduction and production',
    );
    await world.advance(week48.ready);
    expect(await excusesAt(world)).toEqual({
      adrift: ['mirror-drift'],
      unread: ['mirror-unread'],
      settings: ['mirror-drift'],
    });
    const trains = [...changes].map(async ([name, change]) => [name, (await world.change(change)).train]);
    expect(Object.fromEntries(await Promise.all(trains))).toMatchObject({
      coming: week48.train,
      excused: week48.train,
      same: week48.train,
      adrift: week48.next,
    });
  });

  it('L3: what is read at the cutoff’s instant comes too late for it', async () => {
    const { world } = await friday();
    await world.advance(new Date(new Date(week48.ready).getTime() - 1_500));
    const reading = {
      service: 'adrift',
      environment: 'preproduction',
      artifact: old('adrift'),
      source: 'probe',
    };
    await recordReading(world.context, { actor: 'system:probe', at: world.clock.now() }, reading);
    // It arrives at the instant, and before the closing has begun.
    await recordReading(world.context, { actor: 'system:probe', at: new Date(week48.ready) }, reading);
    await world.advance(week48.ready);
    expect(Object.keys(await excusesAt(world))).toContain('adrift');
  });

  it('L1: holds the deployment that it was fine for until it drifted on Saturday', async () => {
    const { world, changes } = await friday();
    await world.advance(week48.meeting);
    await world.go(week48.train);
    await readTwice(world, 'same', 'preproduction', { artifact: digest('same', 'changed since') });
    await world.advance(week48.closes);
    const state = async (name: string) => (await world.change(changes.get(name) ?? '')).state;
    expect(await state('coming')).toBe('deployed');
    expect(await state('same')).toBe('boarded');
    expect((await world.audit('held')).map(({ service, outcome }) => [service, outcome])).toEqual([
      ['same', 'mirror-drift'],
    ]);
  });

  it('is reported per service: what is adrift first, with the age of what has not been read for long', async () => {
    const { world } = await friday();
    const { say } = openDesk(world.context);
    const { text } = await say('rita', 'deploy mirror');
    const lines = text.split('\n').map((line) => line.trim());
    expect(lines[1]).toBe('2 services are not like production: adrift and settings.');
    const at = (word: string) => lines.findIndex((line) => line.includes(word));
    expect(lines[at('adrift, what runs')]).toMatch(
      /there, `sha256:\w{8}…` in production; last read 2 d .* ago/,
    );
    expect(at('settings, its configuration')).toBeGreaterThan(at('adrift, what runs'));
    expect(at('a change is bringing it')).toBeGreaterThan(at('settings, its configuration'));
    expect(at('the policy lets it differ')).toBeGreaterThan(at('a change is bringing it'));
    expect(text).toContain('2 comparisons found no difference.');
    expect(text).toMatch(/Nobody reads db, api.* unread/);
    expect((await say('rita', 'deploy mirror same')).text).toContain('preproduction is like production');
    expect((await say('rita', 'deploy mirror nowhere')).text).toContain('no service');
    expect((await say('rita', 'train report')).text).toContain('Not like production');
  });
});
