import { expect } from 'vitest';
import { handlers } from '../../handlers/index.ts';
import { requestWords } from '../../src/chat/parse.ts';
import { noes } from '../support/noes.ts';
import { trusted, week48 } from '../support/shop.ts';
import type { Stage } from '../support/stage.ts';
import { digest } from '../support/world.ts';

/** Told once, played on every platform. Times are those of the shop's week 48. */

const built = (stage: Stage, service: string, version = '1.0.0'): Promise<void> =>
  stage.report({ kind: 'build', service, version, artifact: digest(service, version), builder: trusted });

const passed = (
  stage: Stage,
  service: string,
  kind: 'deployed' | 'verified',
  environment: 'test' | 'preproduction',
): Promise<void> => stage.report({ kind, service, artifact: digest(service, '1.0.0'), environment });

/** A card by its title, behind whatever mark it has. */
const theTrain = /^\W*Train weekly-2026-W48/;
const theFirst = /^\W*CHG-1/;

const steps = (service: string): readonly string[] =>
  ['prepare', 'check', 'switch'].map((step) => `${service} ${step}`);

/** Two developers, QA, operations and the release managers, from the first build to the last report. */
export const wholeWeek = async (stage: Stage): Promise<void> => {
  const { who } = stage;
  const [dev, dana, quinn, olga] = [who('dev'), who('dana'), who('quinn'), who('olga')];
  const [rita, remy, omar] = [who('rita'), who('remy'), who('omar')];
  const channel = stage.channel('releases');
  const oncall = stage.channel('oncall');
  for (const service of ['db', 'api', 'alone']) await built(stage, service);

  // Three changes: one in words, one by the form. Each has a card in the channel, and so has the train.
  await dev.says('/change submit db 1.0.0 --record SHOP-1');
  await dev.hears(/CHG-1 db/);
  await channel.hears(theTrain);
  await channel.hears(theFirst);
  const submission = { build: 'api 1.0.0', record: 'SHOP-2', note: 'faster <b>' };
  const typed = '/change submit api 1.0.0 --record SHOP-2 --note "faster <b>"';
  expect(await dana.fillsIn({ says: '/change submit', typed }, submission)).toBe('');
  await dana.hears(/CHG-2 api/);
  expect(await channel.hears(/CHG-2 api/)).toMatch(/faster (<|&lt;)b(>|&gt;)/);
  await dev.says('/change submit alone 1.0.0 --record SHOP-3');
  await dev.hears(/CHG-3 alone/);
  await channel.hears(/CHG-3 alone/);

  // The day before the cutoff, each is reminded of what is theirs, and of nothing else.
  await stage.advance('2026-11-24T12:00:00Z');
  expect(await dev.hears(/before “in test” closes/)).toMatch(/CHG-1[\s\S]*CHG-3/);
  expect(await dana.hears(/before “in test” closes/)).not.toMatch(/CHG-1/);
  for (const one of [rita, remy]) await one.hears(/before “in test” closes/);
  for (const service of ['db', 'api', 'alone']) await passed(stage, service, 'deployed', 'test');
  for (const card of ['CHG-1', 'CHG-3']) await dev.clicks('Records ready', card);
  await dana.clicks('Records ready', 'CHG-2');
  // What is somebody else's is refused to them alone.
  await dev.clicks('Approve date', 'CHG-1');
  await dev.hears(/rita/);
  for (const card of ['CHG-1', 'CHG-2', 'CHG-3']) {
    await rita.clicks('Approve date', card);
    await channel.shows(card, /ready/);
  }

  // The first cutoff closes and posts its run-sheet. Nobody was reminded again: nothing was missing.
  await stage.advance(week48.inTest);
  expect(await channel.hears(/Run-sheet[\s\S]*in test/)).toMatch(/CHG-1[\s\S]*CHG-2/);

  // QA: by the form with a comment, and by the button.
  for (const service of ['db', 'api', 'alone']) await passed(stage, service, 'verified', 'preproduction');
  const tried = '/change sign-off CHG-1 qa tried it twice';
  const signOff = { outcome: 'pass', comment: 'tried it twice' };
  expect(await quinn.fillsIn({ says: '/change sign-off CHG-1', typed: tried }, signOff)).toBe('');
  await quinn.hears(/CHG-1/);
  for (const card of ['CHG-2', 'CHG-3']) await quinn.clicks('Sign off as QA', card);

  // Two people fill two seats; nobody fills a seat of their own change, and nobody two (L6).
  await dev.clicks('Approve', 'CHG-1');
  await dev.hears(/own/);
  await olga.clicks('Approve', 'CHG-1');
  await channel.shows('CHG-1', /olga/);
  await olga.clicks('Approve', 'CHG-1');
  await olga.hears(/signed already/i);
  await remy.clicks('Approve', 'CHG-1');

  // A veto says why; taken back, the change collects its signatures again.
  const veto = { clicks: 'Veto', on: 'CHG-2', typed: '/change veto CHG-2 the disks are full' };
  expect(await olga.fillsIn(veto, { reason: 'the disks are full' })).toBe('');
  await olga.hears(/CHG-2/);
  await channel.shows('CHG-2', /the disks are full/);
  await remy.says('/change approve CHG-2');
  await remy.hears(/vetoed/i);
  await olga.clicks('Rescind', 'CHG-2');
  for (const card of ['CHG-2', 'CHG-3']) for (const one of [olga, remy]) await one.clicks('Approve', card);

  // The final meeting decides change by change, on one form, which wants a reason for a no.
  await stage.advance(week48.meeting);
  expect(await channel.hears(/Run-sheet[\s\S]*ready for production/)).toMatch(/CHG-3/);
  const meeting = { clicks: 'Change by change', on: 'Train', typed: '/train go' };
  const all = { 'chg-1': 'go', 'chg-2': 'go', 'chg-3': 'go' };
  expect(await rita.fillsIn(meeting, all)).toBe('');
  await rita.hears(/weekly-2026-W48/);

  // The night: in dependency order, and what fails is taken back.
  stage.behave('alone', 'switch', 'exit 1');
  await stage.advance(week48.opens);
  const ran = (isAlone: boolean) => stage.ledger().filter((line) => line.startsWith('alone') === isAlone);
  expect(ran(false)).toEqual([...steps('db'), ...steps('api')]);
  expect(ran(true)).toEqual([...steps('alone'), 'alone back', 'alone clean']);
  for (const card of ['CHG-1', 'CHG-2']) await channel.shows(card, /in production/i);
  await channel.shows('CHG-3', /rolled back/i);
  await channel.details(/DEP-\d was rolled back/);
  await channel.hears(/alone \(CHG-3\) was rolled back/);
  // A page is for persons: it ends when one takes it and settles it (L10).
  await oncall.hears(/PAGE-1 alone/);
  for (const one of [omar, olga, dev]) await one.hears(/PAGE-1 alone/);
  await olga.clicks('Acknowledge', 'PAGE-1');
  await oncall.shows('PAGE-1', /olga has it/);
  await olga.clicks('Resolve', 'PAGE-1');
  await oncall.shows('PAGE-1', /It is over/);
  // Whoever looks back does it with the window closed.
  await stage.advance(week48.closes);
  await rita.says('/train report weekly-2026-W48');
  await rita.letsAllHear(/CHG-1/);
};

/** Where there are forms, such words open one instead of being refused. */
const opensForm = (line: string): boolean => {
  const words = requestWords(line, handlers);
  const form = handlers.find(({ verb }) => verb === words.verb)?.form;
  const request = {
    id: '',
    actor: { platform: 'console', id: '' } as const,
    receivedAt: new Date(0),
    ...words,
  };
  return form?.wanted(request) ?? false;
};

/** Every no is told to the one who asked and to nobody else, changes nothing, and is on the record (L12, L14). */
export const everyNo = async (stage: Stage): Promise<void> => {
  await built(stage, 'api');
  await stage.who('dana').says('/change submit api 1.0.0');
  await stage.who('dana').hears(/CHG-1/);
  await stage.channel('releases').hears(theTrain);
  await stage.channel('releases').hears(theFirst);
  for (const [person, line, code] of noes.filter(([, words]) => !opensForm(words))) {
    if (code === 'already-signed') await stage.who('omar').clicks('Approve', 'CHG-1');
    const before = (await stage.audit()).length;
    await stage.who(person).says(`/${line}`);
    await stage.who(person).hears(/./);
    const recorded = (await stage.audit()).slice(before);
    expect([line, ...recorded.map(({ kind, outcome }) => `${kind} ${outcome}`)]).toEqual([
      line,
      `refused ${code}`,
    ]);
  }
};

/** L8: what is said or pressed twice, or delivered again, acts once and is answered once. */
export const everythingTwice = async (stage: Stage): Promise<void> => {
  const [dana, olga] = [stage.who('dana'), stage.who('olga')];
  const channel = stage.channel('releases');
  await built(stage, 'api');
  await built(stage, 'api');
  await dana.saysTwice('/change submit api 1.0.0 --record SHOP-2');
  await dana.hears(/CHG-1/);
  await channel.hears(theTrain);
  await channel.hears(theFirst);
  expect(await stage.audit('submitted')).toHaveLength(1);
  await dana.clicksTwice('Records ready', 'CHG-1');
  // Two presses are two requests; the second finds the seat filled, and says so.
  await olga.clicksTwice('Approve', 'CHG-1');
  await olga.hears(/signed already/i);
  expect(await stage.audit('approval')).toHaveLength(1);
  await channel.shows('CHG-1', /olga/);
};

/** A form that is refused says where, keeps what was filled in, and does nothing. */
export const aFormRefused = async (stage: Stage): Promise<void> => {
  const [dev, rita, quinn] = [stage.who('dev'), stage.who('rita'), stage.who('quinn')];
  const channel = stage.channel('releases');
  await built(stage, 'db');
  const submit = { says: '/change submit', typed: '' };
  const wrong = { build: 'other', service: 'db', version: '-x' };
  expect(await dev.fillsIn(submit, wrong)).toMatch(/version/i);
  expect(await stage.audit('submitted')).toEqual([]);
  expect(await dev.fillsIn(submit, { ...wrong, version: '1.0.0', record: 'SHOP-1' })).toBe('');
  await dev.hears(/CHG-1 db 1\.0\.0/);
  await channel.hears(theTrain);
  await channel.hears(theFirst);

  // Not in order: QA says so with a comment.
  const signOff = { says: '/change sign-off CHG-1', typed: '' };
  expect(await quinn.fillsIn(signOff, { outcome: 'fail', comment: 'it is slow' })).toBe('');
  await quinn.hears(/it is slow/);

  // The train leaves without what is missing, but a no needs a reason.
  await passed(stage, 'db', 'deployed', 'test');
  await dev.clicks('Records ready', 'CHG-1');
  await rita.clicks('Approve date', 'CHG-1');
  await stage.advance(week48.inTest);
  await channel.hears(/Run-sheet/);
  await passed(stage, 'db', 'verified', 'preproduction');
  await quinn.clicks('Sign off as QA', 'CHG-1');
  for (const name of ['olga', 'remy']) await stage.who(name).clicks('Approve', 'CHG-1');
  await stage.advance(week48.meeting);
  await channel.hears(/Run-sheet/);
  const nogo = { clicks: 'No-go', on: 'Train', typed: '' };
  expect(await rita.fillsIn(nogo, { reason: ' ' })).toMatch(/reason|why/i);
  expect(await stage.audit('nogo')).toEqual([]);
  expect(await rita.fillsIn(nogo, { reason: 'the mirror is dirty' })).toBe('');
  await rita.hears(/weekly-2026-W48/);
  await channel.shows('Train', /the mirror is dirty/);
};

/** L7: whom the policy knows by their address only may act, and is told. */
export const knownByAddress = async (stage: Stage): Promise<void> => {
  await stage.who('mira').says('/change submit db 1.0.0');
  await stage.who('mira').hears(/CHG-1 db/);
  await stage.channel('releases').hears(theTrain);
  await stage.channel('releases').hears(theFirst);
  expect(await stage.audit('submitted')).toMatchObject([{ actor: 'mira' }]);
};

/** Nobody acts whom the policy does not know, whatever they press or say; they are told that much and nothing else. */
export const aStranger = async (stage: Stage): Promise<void> => {
  await stage.who('dev').says('/change submit db 1.0.0');
  await stage.who('dev').hears(/CHG-1/);
  await stage.channel('releases').hears(theTrain);
  await stage.channel('releases').hears(theFirst);
  const before = (await stage.audit()).length;
  await stage.who('mallory').says('/change submit db 2.0.0');
  await stage.who('mallory').clicks('Records ready', 'CHG-1');
  for (let told = 0; told < 2; told++)
    expect(await stage.who('mallory').hears(/do not know you/i)).not.toMatch(/CHG-1/);
  expect((await stage.audit()).length).toBe(before);
};
