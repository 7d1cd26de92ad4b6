import { describe, expect, it } from 'vitest';
import { companyShop } from '../support/company.ts';
import { week48 } from '../support/shop.ts';
import { startSpawned } from '../support/spawned.ts';
import { type Places, whereOf } from '../support/within.ts';
import { digest } from '../support/world.ts';
import { everythingTwice } from './stories.ts';

const platforms: readonly Places[number][] = ['slack http', 'slack socket', 'teams'];

describe.each(platforms)('two instances on one database, on %s', (platform) => {
  it('act once on what both are told, post each notice once, and take over from each other', async () => {
    const policy = companyShop([whereOf(platform)], { readyRequires: '[build]' });
    const bot = await startSpawned([platform], { instances: 2, policy });
    const { stage, instances } = bot;
    const channel = stage.channel('releases');
    const [rita, remy] = [stage.who('rita'), stage.who('remy')];
    // L8: Slack and Teams deliver to one and the other.
    await everythingTwice(stage);

    // What falls due is due for both.
    await stage.advance('2026-11-24T12:00:00Z');
    for (const name of ['dana', 'rita', 'remy']) await stage.who(name).hears(/before “in test” closes/);
    await stage.report({
      kind: 'deployed',
      service: 'api',
      artifact: digest('api', '1.0.0'),
      environment: 'test',
    });
    await rita.clicks('Approve date', 'CHG-1');
    await remy.clicks('Approve', 'CHG-1');
    await stage.advance(week48.meeting);
    for (const cutoff of [/in test/, /ready for production/])
      expect(await channel.hears(/Run-sheet/)).toMatch(cutoff);
    await rita.says('/train go');
    await rita.hears(/weekly-2026-W48/);

    // One is stopped as operators stop it; the other begins the night, and is killed in the middle of a step.
    expect(await instances[1]?.end('SIGTERM')).toBe(0);
    const letGo = bot.hold('api', 'check');
    await bot.leap(week48.opens);
    await bot.until(() => stage.ledger().includes('api check'), 'the night did not begin');
    await bot.start();
    await instances[0]?.end('SIGKILL');
    letGo();
    await stage.settle();
    await channel.shows('CHG-1', /in production/i);
    expect(stage.ledger()).toEqual(['api prepare', 'api check', 'api switch']);
    await stage.nothingElse();
  }, 400_000);
});
