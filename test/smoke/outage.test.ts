import { describe, expect, it } from 'vitest';
import { companyShop } from '../support/company.ts';
import { trusted, week48 } from '../support/shop.ts';
import { qaGroup, startSpawned } from '../support/spawned.ts';
import { digest } from '../support/world.ts';

const services = ['db', 'api', 'alone'] as const;
/** The papers that this story is not about are in order from the first build on. */
const policy = companyShop(['slack'], {
  inTestRequires: '[build]',
  readyRequires: '[build]',
  roles: { qa: `[slackGroup: ${qaGroup}]` },
});

describe.each(['slack http', 'slack socket'] as const)(
  'Slack is down in the middle of the window, by %s',
  (platform) => {
    it('deployments go on for that hour; then nothing is lost, nothing is there twice, and the cards are true', async () => {
      const bot = await startSpawned([platform], { policy });
      const { stage, slack } = bot;
      if (slack === undefined) throw new Error('no Slack');
      const { server } = slack;
      const channel = stage.channel('releases');
      const [dev, rita] = [stage.who('dev'), stage.who('rita')];
      for (const service of services) {
        const artifact = digest(service, '1.0.0');
        await stage.report({ kind: 'build', service, version: '1.0.0', artifact, builder: trusted });
        await dev.says(`/change submit ${service} 1.0.0 --type standard`);
      }
      // Slack says who QA is.
      await stage.who('quinn').says('/change sign-off CHG-1 qa tried it');
      expect(await stage.who('quinn').hears(/CHG-1/)).not.toMatch(/Not yours/);
      await stage.advance(week48.meeting);
      await rita.says('/train go');
      const held = bot.hold('db', 'switch');
      stage.behave('alone', 'switch', 'exit 1');
      await bot.leap(week48.opens);
      await bot.until(() => stage.ledger().includes('db switch'), 'the night did not begin');

      // Answers are lost first, so that nobody knows what was posted. The deployments go on to their end.
      const tries = async (): Promise<number> => {
        const { db } = stage.store;
        const { sum } = await db
          .selectFrom('notice')
          .select((eb) => eb.fn.sum<string>('attempts').as('sum'))
          .executeTakeFirstOrThrow();
        return Number(sum);
      };
      const triedAgain = async (before: number): Promise<void> =>
        bot.until(async () => (await tries()) > before, 'nothing was tried');
      const before = await tries();
      server.trouble.set('*', 'lost');
      held();
      await bot.until(
        () => stage.ledger().includes('api switch') && stage.ledger().includes('alone clean'),
        'no end',
      );
      await triedAgain(before);
      // 5xx, silence, cut connections; then nobody listens at all.
      for (const trouble of ['down', 'hang', 'away'] as const) {
        const sofar = await tries();
        server.trouble.set('*', trouble);
        await bot.leap(new Date(stage.now().getTime() + 15 * 60_000));
        await triedAgain(sofar);
      }
      const sofar = await tries();
      server.trouble.clear();
      await server.leave();
      await bot.leap(new Date(stage.now().getTime() + 15 * 60_000));
      await triedAgain(sofar);
      expect(stage.now().getTime()).toBeGreaterThan(new Date(week48.opens).getTime() + 60 * 60_000);

      await server.comeBack();
      await bot.leap(new Date(stage.now().getTime() + 15 * 60_000));
      await stage.settle();
      for (const card of ['CHG-1', 'CHG-2']) await channel.shows(card, /in production/i);
      await channel.shows('CHG-3', /rolled back/i);
      await channel.shows('Train', /2\/3\W* deployed/);
      await channel.hears(/alone \(CHG-3\) was rolled back/);
      await stage.channel('oncall').hears(/PAGE-1/);
      for (const name of ['omar', 'olga', 'dev']) await stage.who(name).hears(/PAGE-1/);
      expect(stage.ledger().filter((line) => line.endsWith('switch'))).toHaveLength(3);

      // What was tried last just before Slack was back has its turn a little later.
      const unsent = () =>
        stage.store.db.selectFrom('notice').select('content').where('state', '!=', 'sent').execute();
      await bot.until(async () => (await unsent()).length === 0, 'something is still to be said');
      // Every post carries what it was posted for: none is there twice.
      const keys = server.messages.flatMap(({ metadata, onlyFor }) =>
        onlyFor === undefined ? [JSON.stringify(metadata)] : [],
      );
      expect(keys.length).toBeGreaterThan(6);
      expect(new Set(keys).size).toBe(keys.length);
      expect(server.faults).toEqual([]);
      // And people are heard again.
      if (platform === 'slack socket') await bot.until(() => server.sockets.length === 2, 'nobody listens');
      await stage.who('olga').clicks('Acknowledge', 'PAGE-1');
      await stage.channel('oncall').shows('PAGE-1', /olga has it/);
    }, 400_000);
  },
);
