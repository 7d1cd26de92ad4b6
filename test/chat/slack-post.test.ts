import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Card } from '../../src/chat/card.ts';
import type { Platform } from '../../src/chat/platform.ts';
import { connectApi } from '../../src/chat/slack/api.ts';
import { createDirectory } from '../../src/chat/slack/directory.ts';
import { slackPace } from '../../src/chat/slack/pace.ts';
import { slackPlatform } from '../../src/chat/slack/post.ts';
import { silentLog } from '../../src/log.ts';
import { credentials, type SlackServer, startSlackServer, workspace } from '../support/slack-server.ts';

const card: Card = { title: 'CHG-3', tone: 'good', summary: 'CHG-3 is ready.', blocks: [], buttons: [] };
const releases = { kind: 'channel', id: 'C01REL' } as const;

let slack: SlackServer;
let platform: Platform;

beforeEach(async () => {
  slack = await startSlackServer();
  slack.users.set('U01RITA', { id: 'U01RITA' });
  const api = connectApi({
    token: { reveal: () => credentials.botToken },
    apiUrl: slack.apiUrl,
    log: silentLog,
  });
  const directory = createDirectory({
    api,
    log: silentLog,
    now: () => new Date(),
    teamId: () => workspace.team,
  });
  platform = slackPlatform(
    api,
    () => ({ zone: 'Etc/UTC', userOf: () => undefined }),
    directory.userOf,
    slackPace(() => new Date()),
  );
});
afterEach(async () => {
  expect(slack.faults).toEqual([]);
  await slack.close();
});

const outcomeOf = (attempt: Promise<unknown>): Promise<unknown> =>
  attempt.then(
    () => 'done',
    (error: { outcome?: string; code?: string; retryAfterMs?: number }) => ({
      outcome: error.outcome,
      code: error.code,
      ...(error.outcome === 'retry' ? { retryAfterMs: error.retryAfterMs } : {}),
    }),
  );

describe('posting to Slack', () => {
  it('answers with a reference by which the card is edited in place', async () => {
    const ref = await platform.post(releases, card);
    await platform.update(ref, { ...card, summary: 'CHG-3 is deployed.' });
    expect(slack.in('C01REL')).toMatchObject([{ text: 'CHG-3 is deployed.', edits: 1 }]);
  });

  it('reaches a person in their direct conversation, by the id that edits need', async () => {
    const ref = await platform.post({ kind: 'person', id: 'U01RITA' }, card);
    await platform.update(ref, card);
    await platform.post({ kind: 'person', id: 'U01RITA' }, card);
    expect(slack.in('DU01RITA')).toMatchObject([{ edits: 1 }, { edits: 0 }]);
    expect(slack.calls.filter(({ method }) => method === 'conversations.open')).toHaveLength(1);
  });

  it('finds a person by their address, once', async () => {
    slack.users.set('U02OLGA', { id: 'U02OLGA', email: 'olga@shop.example' });
    await platform.post({ kind: 'person', id: 'olga@shop.example' }, card);
    await platform.post({ kind: 'person', id: 'olga@shop.example' }, card);
    expect(slack.in('DU02OLGA')).toHaveLength(2);
    expect(slack.calls.filter(({ method }) => method === 'users.lookupByEmail')).toHaveLength(1);
    expect(await outcomeOf(platform.post({ kind: 'person', id: 'no@shop.example' }, card))).toMatchObject({
      outcome: 'gone',
      code: 'users_not_found',
    });
  });

  it('does not post twice what was posted while the answer got lost', async () => {
    slack.trouble.set('chat.postMessage', 'lost');
    expect(await outcomeOf(platform.post(releases, card, { key: 'notice-1' }))).toEqual({
      outcome: 'unknown',
      code: 'http-500',
    });
    slack.trouble.clear();
    const ref = await platform.post(releases, card, { key: 'notice-1', again: true });
    expect(slack.in('C01REL')).toHaveLength(1);
    expect(ref).toEqual({ channel: 'C01REL', ts: slack.in('C01REL')[0]?.ts });
  });

  it('posts again what was not posted', async () => {
    slack.trouble.set('*', 'away');
    expect(await outcomeOf(platform.post(releases, card, { key: 'a' }))).toMatchObject({
      outcome: 'unknown',
    });
    slack.trouble.clear();
    await platform.post(releases, card, { key: 'b' });
    await platform.post(releases, card, { key: 'a', again: true });
    expect(slack.in('C01REL')).toHaveLength(2);
  });

  it('puts a message below another one', async () => {
    const thread = await platform.post(releases, card);
    await platform.post(releases, card, { thread });
    expect(slack.in('C01REL')[1]).toMatchObject({ thread: thread['ts'] });
  });

  it('puts a log into the thread of what it is the log of, once, also when a try ends in between', async () => {
    const failed: Card = { ...card, blocks: [{ kind: 'output', text: 'disk full' }] };
    await platform.post(releases, failed, { key: 'n' });
    await platform.post(releases, failed, { key: 'n', again: true });
    const [first, second, ...others] = slack.in('C01REL');
    expect(others).toEqual([]);
    expect(JSON.stringify(first?.blocks)).not.toContain('disk full');
    expect(second).toMatchObject({ thread: first?.ts });
    expect(JSON.stringify(second?.blocks)).toContain('disk full');
    slack.trouble.set('chat.postMessage', 'lost');
    await outcomeOf(platform.post(releases, failed, { key: 'm' }));
    slack.trouble.clear();
    await platform.post(releases, failed, { key: 'm', again: true });
    expect(slack.in('C01REL').map(({ thread }) => thread !== undefined)).toEqual([false, true, false, true]);
  });

  it('asks once, and says when Slack wants to be asked again', async () => {
    slack.trouble.set('chat.postMessage', { retryAfter: 7 });
    expect(await outcomeOf(platform.post(releases, card))).toEqual({
      outcome: 'retry',
      code: 'ratelimited',
      retryAfterMs: 7_000,
    });
    // And nobody asks in vain meanwhile.
    slack.trouble.clear();
    expect(platform.turn?.(releases, 'post')).toBeGreaterThan(6_000);
    expect(platform.turn?.(releases, 'edit')).toBe(0);
  });

  it.each(['is_archived', 'not_in_channel'])('says that a destination is dead: %s', async (code) => {
    (code === 'is_archived' ? slack.archived : slack.foreign).add('C01REL');
    expect(await outcomeOf(platform.post(releases, card))).toEqual({ outcome: 'gone', code });
  });

  it('says that a message is gone, and that there is no such person', async () => {
    expect(await outcomeOf(platform.update({ channel: 'C01REL', ts: '1.0' }, card))).toMatchObject({
      outcome: 'gone',
    });
    expect(await outcomeOf(platform.post({ kind: 'person', id: 'U0NOBODY' }, card))).toEqual({
      outcome: 'gone',
      code: 'user_not_found',
    });
  });

  it('knows that nothing was posted when nobody listened', async () => {
    await slack.close();
    expect(await outcomeOf(platform.post(releases, card))).toMatchObject({
      outcome: 'retry',
      code: 'ECONNREFUSED',
    });
    slack = await startSlackServer();
  });

  it('never shows its token', async () => {
    const said: string[] = [];
    const keep = (facts: object, message: string): void => void said.push(JSON.stringify(facts) + message);
    const api = connectApi({
      token: { reveal: () => 'xoxb-wrong-secret' },
      apiUrl: slack.apiUrl,
      log: { info: keep, warn: keep, error: keep },
    });
    const failure = await api.call('auth.test', {}).catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: 'invalid_auth', outcome: 'retry' });
    expect([...said, String(failure), JSON.stringify(failure)].join()).not.toContain('wrong-secret');
  });
});
