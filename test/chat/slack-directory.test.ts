import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { connectApi } from '../../src/chat/slack/api.ts';
import { createDirectory, type Directory } from '../../src/chat/slack/directory.ts';
import { silentLog } from '../../src/log.ts';
import { credentials, type SlackServer, startSlackServer, workspace } from '../support/slack-server.ts';

const minute = 60_000;

let slack: SlackServer;
let directory: Directory;
let now: number;

beforeEach(async () => {
  slack = await startSlackServer();
  now = Date.parse('2026-11-23T09:00:00Z');
  directory = createDirectory({
    api: connectApi({
      token: { reveal: () => credentials.botToken },
      apiUrl: slack.apiUrl,
      log: silentLog,
    }),
    log: silentLog,
    now: () => new Date(now),
    teamId: () => workspace.team,
  });
});
afterEach(() => slack.close());

describe('a user group that fills a role', () => {
  it('has the members that Slack says, from the next look on', async () => {
    slack.groups.set('S01QA', ['U01', 'U02']);
    expect(directory.membersOf('S01QA')).toBeUndefined();
    await directory.refresh(['S01QA']);
    expect(directory.membersOf('S01QA')).toEqual(['U01', 'U02']);
    slack.groups.set('S01QA', ['U02']);
    now += 5 * minute;
    await directory.refresh(['S01QA']);
    expect(directory.membersOf('S01QA')).toEqual(['U02']);
  });

  it('L7: fails shut when Slack has not said for a quarter of an hour, and comes back when it does', async () => {
    slack.groups.set('S01QA', ['U01']);
    await directory.refresh(['S01QA']);
    slack.trouble.set('*', 'lost');
    now += 10 * minute;
    await directory.refresh(['S01QA']);
    expect(directory.membersOf('S01QA')).toEqual(['U01']);
    now += 6 * minute;
    await directory.refresh(['S01QA']);
    expect(directory.membersOf('S01QA')).toBeUndefined();
    slack.trouble.clear();
    await directory.refresh(['S01QA']);
    expect(directory.membersOf('S01QA')).toEqual(['U01']);
  });

  it('is forgotten when the policy has it no more, and unknown when Slack does not know it', async () => {
    slack.groups.set('S01QA', ['U01']);
    await directory.refresh(['S01QA', 'S0NONE']);
    expect(directory.membersOf('S0NONE')).toBeUndefined();
    await directory.refresh([]);
    expect(directory.membersOf('S01QA')).toBeUndefined();
  });
});
