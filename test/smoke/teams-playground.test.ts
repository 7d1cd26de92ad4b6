import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { chromiumPath, openPlayground } from '../support/playground.ts';
import { week48 } from '../support/shop.ts';
import { startWithin } from '../support/within.ts';

const browser = chromiumPath();

describe.skipIf(browser === undefined)('in a browser, on the page that Microsoft gives to bots', () => {
  it('a command is typed, Approve is pressed, and the card changes', { timeout: 120_000 }, async () => {
    const { world, deliver, teams } = await startWithin(['teams'], undefined, {
      teams: { settings: { kind: 'local' }, serviceUrl: 'http://127.0.0.1:9/' },
    });
    if (teams === undefined) throw new Error('no Teams');
    const change = await world.submit('dev', 'db');
    await world.passInTest(change);
    await world.advance(week48.inTest);
    world.bell.rings.length = 0;
    const page = await openPlayground(world.context.policy(), teams.endpoint, browser ?? '');
    const say = async (words: string): Promise<void> => {
      await page.locator('[contenteditable=true], textarea').first().click();
      await page.keyboard.type(words);
      await page.keyboard.press('Enter');
    };
    // The bot greets whoever opens the page.
    await page.getByText('I run the release week from here.').waitFor();
    await say('as olga');
    await page.getByText('You are olga now').waitFor();
    await say('change show chg-1');
    const card = page.locator('.ac-adaptiveCard').last();
    await card.getByText(/0 of 2 signed/).waitFor();
    await card.getByRole('button', { name: 'Approve', exact: true }).click();
    await card.getByText(/1 of 2 signed/).waitFor();
    await teams.settled();
    const folder = process.env['SIGNALBOX_SCREENSHOTS'];
    if (folder !== undefined) await page.screenshot({ path: join(folder, 'teams-playground.png') });
    expect(await world.audit('approval')).toMatchObject([{ actor: 'olga' }]);
    // The card lives in the channel too, and was posted there.
    await deliver();
    await page.getByText('releases').first().click();
    await page
      .locator('.ac-adaptiveCard')
      .getByText(/1 of 2 signed/)
      .first()
      .waitFor();
  });
});
