import { describe, expect, it } from 'vitest';
import { createJobs } from '../../jobs/index.ts';
import { week48 } from '../support/shop.ts';
import { linesOf, places } from '../support/teams-people.ts';
import { aad, company, type Posted } from '../support/teams-server.ts';
import { startWithin } from '../support/within.ts';

const startTeams = async () => {
  const { teams, world, deliver } = await startWithin(['teams']);
  if (teams === undefined) throw new Error('no Teams');
  return { ...teams, world, deliver };
};
type TeamsWeek = Awaited<ReturnType<typeof startTeams>>;

const running = { signal: new AbortController().signal, attempt: 1 };
/** A message of this title is kept, and its answer lost. */
const lost = (title: string) => ({ status: 200, lost: true, on: new RegExp(`^POST .*"summary":.*${title}`) });

const buttonsOf = (lines: readonly string[]): readonly string[] =>
  lines.filter((line) => line.startsWith('['));

describe('a card in a channel of Teams', () => {
  const setUp = async () => {
    const week = await startTeams();
    await week.world.submit('dev', 'db');
    await week.world.build('db', '1.0.0');
    await week.deliver();
    const card = week.chat.message('CHG-1 db');
    const seenBy = async (name: string) => buttonsOf(linesOf(await week.view(name, card)));
    return { ...week, card, seenBy };
  };

  it('has the buttons of those whose move it is for them alone', async () => {
    const { card, seenBy, view } = await setUp();
    expect(buttonsOf(linesOf(card.activity))).toEqual(['[Why]', '[What can I do?]']);
    expect(await seenBy('dev')).toEqual(['[Records ready]', '[Why]', '[What can I do?]']);
    expect(await seenBy('olga')).toEqual(['[Approve]', '[Why]', '[What can I do?]']);
    expect(JSON.stringify(await view('olga', card))).toContain('change veto');
    expect(JSON.stringify(await view('rita', card))).not.toContain('change veto');
    expect(await seenBy('rita')).toEqual(['[Approve]', '[Approve date]', '[Why]', '[What can I do?]']);
    expect(await seenBy('pia')).toEqual(['[Why]', '[What can I do?]']);
  });

  it('is followed by what each sees, and L7: what one does not see one may not do either', async () => {
    const { world, card, seenBy, press, deliver, settled } = await setUp();
    const told = await press('olga', card, 'Approve');
    expect(buttonsOf(linesOf(told.body))).toContain('[Rescind]');
    await settled();
    // Everybody's card was not given her buttons.
    expect(buttonsOf(linesOf(card.activity))).toEqual(['[Why]', '[What can I do?]']);
    await deliver();
    expect(await seenBy('olga')).toContain('[Rescind]');
    expect(await seenBy('omar')).not.toContain('[Approve]');
    await press('pia', card, 'Approve');
    expect(await world.audit('approval')).toHaveLength(1);
  });

  it('shows whoever asks what they can do, also in a client that shows everybody the same', async () => {
    const { world, card, press, server, settled } = await setUp();
    const told = await press('olga', card, 'What can I do?');
    expect(buttonsOf(linesOf(told.body))).toContain('[Approve]');
    await settled();
    expect(buttonsOf(linesOf(card.activity))).toEqual(['[Why]', '[What can I do?]']);
    expect(server.messages.filter(({ conversation }) => conversation.startsWith('a:'))).toEqual([]);
    expect((await world.audit()).map(({ kind }) => kind)).not.toContain('approval');
  });

  it('asks the roster once for each person, and keeps the buttons of whom it does not know for all', async () => {
    const { world, card, server, deliver, press } = await setUp();
    const asked = server.calls.filter((call) => call.includes('/members/'));
    expect(asked.length).toBe(new Set(asked).size);
    expect(asked.length).toBeGreaterThan(3);
    await press('dev', card, 'Records ready');
    await deliver();
    expect(server.calls.filter((call) => call.includes('/members/')).length).toBe(asked.length);
    const strangers = await startTeams();
    strangers.server.failures.push(
      ...Array.from({ length: 50 }, () => ({ status: 404, code: 'MemberNotFound', on: /members/ })),
    );
    await strangers.world.submit('dev', 'db');
    await strangers.world.build('db', '1.0.0');
    await strangers.deliver();
    expect(buttonsOf(linesOf(strangers.chat.message('CHG-1 db').activity))).toEqual(
      expect.arrayContaining(['[Approve]', '[Records ready]']),
    );
    expect((await world.audit('evidence')).length).toBe(2);
  });
});

describe('a message whose answer was lost', () => {
  const jobsOf = ({ world, teams }: TeamsWeek) =>
    createJobs(world.context, new Map([['teams', teams.platform]]));
  const inChannel = ({ server }: TeamsWeek, title: string): readonly Posted[] =>
    server.messages.filter(
      ({ conversation, activity }) =>
        conversation.startsWith(company.channel) && linesOf(activity)[0]?.includes(title) === true,
    );

  it('is found when somebody sees it, and not posted again', async () => {
    const week = await startTeams();
    const { world, server, view, deliver, settled } = week;
    await world.submit('dev', 'db');
    const jobs = jobsOf(week);
    await jobs['refresh-card']({ subject: week48.train }, running);
    server.failures.push(lost('CHG-1'));
    await jobs['refresh-card']({ subject: 'CHG-1' }, running);
    const [only] = inChannel(week, 'CHG-1');
    if (only === undefined) throw new Error('nothing was posted');
    await view('rita', only);
    await settled();
    await deliver();
    expect(inChannel(week, 'CHG-1')).toEqual([only]);
    // It is the card from now on.
    const before = only.edits;
    await world.build('db', '1.0.0');
    await deliver();
    expect(only.edits).toBeGreaterThan(before);
  });

  it('is posted again when nobody sees it, and taken away when somebody does', async () => {
    const week = await startTeams();
    const { world, server, view, deliver, settled } = week;
    await world.submit('dev', 'db');
    server.failures.push(lost('Train'), lost('CHG-1 db'));
    await deliver();
    // The train's card and the change's: each is there twice.
    const [first, second, ...more] = inChannel(week, 'CHG-1');
    expect([inChannel(week, 'Train').length, more]).toEqual([2, []]);
    if (first === undefined || second === undefined) throw new Error('it was posted once');
    await view('rita', second);
    await settled();
    expect(inChannel(week, 'CHG-1')).toEqual([first, second]);
    await view('rita', first);
    await settled();
    expect(inChannel(week, 'CHG-1')).toEqual([second]);
  });

  it('is found and taken away in the same way when it is a notice', async () => {
    const week = await startTeams();
    const { world, server, view, deliver, settled } = week;
    await world.submit('dev', 'db');
    await deliver();
    server.failures.push(lost('Run-sheet'));
    await world.advance(week48.inTest);
    await deliver();
    const sheets = inChannel(week, 'Run-sheet');
    expect(sheets).toHaveLength(2);
    for (const sheet of sheets) await view('rita', sheet);
    await settled();
    expect(inChannel(week, 'Run-sheet')).toEqual([sheets[1]]);
  });

  it('L7: nobody makes the bot forget or take away a message by showing it another', async () => {
    const week = await startTeams();
    const { world, server, invoke, deliver, settled } = week;
    await world.submit('dev', 'db');
    await deliver();
    const card = week.chat.message('CHG-1 db');
    const train = week.chat.message('Train');
    const show = async (key: string, message: Posted): Promise<void> => {
      const data = { verb: '', key };
      const value = { action: { type: 'Action.Execute', verb: '', data }, trigger: 'automatic' };
      await invoke('dev', 'adaptiveCard/action', value, places.channel(message.conversation), {
        replyToId: message.id,
      });
      await settled();
    };
    const posted = await world.context.store.db.selectFrom('card_post').select('token').execute();
    for (const { token } of posted) {
      await show(`card/${token}`, card);
      await show(`card/${token}`, train);
    }
    await show('notice/1', card);
    await show(`card/${aad('dev')}`, card);
    await show("card/' or true --", card);
    expect(server.messages).toEqual(expect.arrayContaining([card, train]));
    expect(server.calls.filter((call) => call.startsWith('DELETE'))).toEqual([]);
  });
});
