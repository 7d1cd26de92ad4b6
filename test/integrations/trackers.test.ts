import { describe, expect, it } from 'vitest';
import type { TrackerRule } from '../../src/domain/tracker.ts';
import { createTrackers } from '../../src/integrations/trackers.ts';
import { type Answered, protocolServer, type Received } from '../support/protocol-server.ts';

const secret = (name: string) => (name === 'token' ? 's3cret' : undefined);
const common = { name: 'shop', records: ['*'], ready: ['Done'], secret: 'token' } as const;
const basic = `Basic ${Buffer.from('bot@shop.example:s3cret').toString('base64')}`;

const asked = async (
  rule: (url: string) => TrackerRule,
  record: string,
  answer: (request: Received) => Answered,
  limitMs = 2_000,
) => {
  const server = await protocolServer(answer);
  const result = await createTrackers({ secret, limitMs }).ask(rule(server.url), record);
  return { result, received: server.received };
};

const jira = (url: string): TrackerRule => ({
  ...common,
  kind: 'jira',
  api: '3',
  url,
  user: 'bot@shop.example',
});
const issues = (url: string): TrackerRule => ({ ...common, kind: 'github', url });
const changes = (url: string): TrackerRule => ({
  ...common,
  kind: 'servicenow',
  table: 'change_request',
  field: 'state',
  url,
  user: 'bot',
});
const generic = (url: string): TrackerRule => ({
  ...common,
  kind: 'json',
  url: `${url}/t/{record}?full=1`,
  pointer: '/ticket/state',
});

describe('asking a tracker', () => {
  /** Jira Cloud, REST v3: Get issue. */
  it.each(['SHOP-1', 'https://shop.atlassian.net/browse/SHOP-1'])('Jira where %s stands', async (record) => {
    const { result, received } = await asked(jira, record, ({ path, query, headers }) =>
      headers.authorization !== basic
        ? { status: 401 }
        : path === '/rest/api/3/issue/SHOP-1' && query.get('fields') === 'status'
          ? {
              status: 200,
              body: { id: '10000', key: 'SHOP-1', fields: { status: { id: '3', name: 'In Review' } } },
            }
          : {
              status: 404,
              body: { errorMessages: ['Issue does not exist or you do not have permission to see it.'] },
            },
    );
    expect(result).toEqual({ state: 'In Review' });
    expect(received[0]?.headers.accept).toBe('application/json');
  });

  it.each(['shop/api#7', 'https://github.com/shop/api/issues/7'])(
    'GitHub where %s stands',
    async (record) => {
      const { result } = await asked(issues, record, ({ path, headers }) =>
        path === '/repos/shop/api/issues/7' &&
        headers.authorization === 'Bearer s3cret' &&
        headers['x-github-api-version'] === '2022-11-28'
          ? { status: 200, body: { number: 7, state: 'closed', state_reason: 'completed' } }
          : { status: 404 },
      );
      expect(result).toEqual({ state: 'closed' });
    },
  );

  /** ServiceNow, Table API: the label of the state, and an empty result for what is not there. */
  it('ServiceNow by its number', async () => {
    const answer = ({ path, query }: Received): Answered =>
      path === '/api/now/table/change_request' && query.get('sysparm_display_value') === 'true'
        ? {
            status: 200,
            body: {
              result:
                query.get('sysparm_query') === 'number=CHG0030001'
                  ? [{ number: 'CHG0030001', state: 'Implement' }]
                  : [],
            },
          }
        : { status: 400 };
    expect((await asked(changes, 'CHG0030001', answer)).result).toEqual({ state: 'Implement' });
    expect((await asked(changes, 'CHG0030002', answer)).result).toHaveProperty('fault');
    const forged = await asked(changes, 'CHG1^ORnumberISNOTEMPTY', answer);
    expect(forged.received).toEqual([]);
    expect(forged.result).toHaveProperty('fault');
  });

  it('anything that answers JSON, by a pointer; the record cannot leave its place in the address', async () => {
    const { result, received } = await asked(generic, '../a b', () => ({
      status: 200,
      body: { ticket: { state: 3 } },
    }));
    expect(result).toEqual({ state: '3' });
    expect(received[0]?.path).toBe('/t/..%2Fa%20b');
  });

  it.each<[string, Answered, RegExp]>([
    ['garbage', { status: 200, body: '<html>' }, /something that has no state/],
    ['another shape', { status: 200, body: { fields: { status: null } } }, /something that has no state/],
    ['nothing', { status: 200 }, /something that has no state/],
    ['500', { status: 500, body: { fields: { status: { name: 'Done' } } } }, /answered 500/],
    ['401', { status: 401 }, /does not let us ask/],
    ['404', { status: 404 }, /knows no such ticket/],
    ['a redirect', { status: 302, headers: { location: 'http://127.0.0.1:1/' } }, /answered 302/],
    ['a closed connection', 'drop', /cannot be reached/],
    ['no answer at all', 'hang', /did not answer in time/],
  ])('is told a fault by %s, and never rejects', async (_, answer, fault) => {
    const { result } = await asked(jira, 'SHOP-1', () => answer, 300);
    expect(result).toEqual({ fault: expect.stringMatching(fault) });
  });

  it('asks nobody without its secret, of no ticket, or where nobody listens', async () => {
    const trackers = createTrackers({ secret, limitMs: 300 });
    const nowhere = 'http://127.0.0.1:1';
    expect(await trackers.ask({ ...jira(nowhere), secret: 'other' }, 'SHOP-1')).toEqual({
      fault: 'the secret other is not set',
    });
    expect(await trackers.ask(jira(nowhere), 'SHOP 1')).toHaveProperty('fault');
    expect(await trackers.ask(issues(nowhere), 'shop/api')).toHaveProperty('fault');
    expect(await trackers.ask(jira(nowhere), 'SHOP-1')).toEqual({ fault: '127.0.0.1:1 cannot be reached' });
    expect(await trackers.ask({ ...generic('x'), url: 'http://[{record}' }, 'a')).toHaveProperty('fault');
  });
});
