import { z } from 'zod';
import type { TrackerRule } from '../domain/tracker.ts';
import { distinct, form, nameOf, report, text } from './scalars.ts';

/** Which systems know where tickets stand. */

const url = form(
  'URL',
  '^https?://[^\\s/].*$',
  (value) => `"${value}" is not an http or https URL`,
).transform((value) => value.replace(/\/+$/, ''));

const secret = form(
  'name of a secret',
  '^[A-Za-z][A-Za-z0-9_-]{0,63}$',
  (value) => `"${value}" cannot be the name of a secret; the secret itself never stands in the policy`,
);

const field = form(
  'name of a column',
  '^[a-z][a-z0-9_]{0,63}$',
  (value) => `"${value}" cannot be the name of a table or a column`,
);

const tracker = z
  .strictObject({
    kind: z
      .enum(['jira', 'github', 'servicenow', 'json'])
      .describe(
        '`jira` (the name of the status), `github` (an issue `owner/name#12`: `open` or `closed`), `servicenow` (Table API), `json` (any URL that answers JSON).',
      ),
    records: distinct(text, 1).describe(
      'Which records of changes are its tickets, such as `SHOP-*`; `*` stands for anything.',
    ),
    url: url
      .exactOptional()
      .describe(
        'Where it is; of `json` the address of a ticket, with `{record}` in it. Default: of `github` `https://api.github.com`; others must say.',
      ),
    ready: distinct(text, 1)
      .exactOptional()
      .describe('States in which a ticket is ready. Default: `Done` and `Closed`; of `github` `closed`.'),
    user: text
      .exactOptional()
      .describe('Whose the secret is (basic authentication). Default: the secret is a bearer token.'),
    secret: secret
      .exactOptional()
      .describe(
        'Name of the token: `jira` is the environment variable `SIGNALBOX_SECRET_JIRA`, or `SIGNALBOX_SECRET_JIRA_FILE`. Default: none is sent.',
      ),
    api: z.enum(['3', '2']).exactOptional().describe('Of `jira`: version of its REST API. Default: `"3"`.'),
    table: field.exactOptional().describe('Of `servicenow`. Default: `change_request`.'),
    field: field
      .exactOptional()
      .describe('Of `servicenow`: the column that says where it stands, by its label. Default: `state`.'),
    pointer: form(
      'JSON pointer',
      '^(/([^~/]|~[01])*)+$',
      (value) => `"${value}" is not a JSON pointer such as /fields/state`,
    )
      .exactOptional()
      .describe('Of `json`, and needed there: where the state stands in the answer. Default: none.'),
  })
  .check((context) => {
    const { kind, url: address, api, table, field: column, pointer } = context.value;
    if (address === undefined && kind !== 'github') report(context, 'is missing', ['url']);
    if (kind === 'json' && pointer === undefined) report(context, 'is missing', ['pointer']);
    if (kind === 'json' && address?.includes('{record}') === false)
      report(context, 'has no {record} in it', ['url']);
    const foreign: readonly (readonly [string, unknown, string])[] = [
      ['api', api, 'jira'],
      ['table', table, 'servicenow'],
      ['field', column, 'servicenow'],
      ['pointer', pointer, 'json'],
    ];
    for (const [key, value, of] of foreign)
      if (value !== undefined && kind !== of)
        report(context, `is for trackers of the kind ${of} only`, [key]);
  });

export type TrackerFile = z.output<typeof tracker>;

export const trackers = z
  .record(nameOf('tracker'), tracker)
  .prefault({})
  .describe(
    'Who is asked where the records of a change stand: at every reminder, a minute before every cutoff that requires `records`, and before a deployment starts. A ticket that is not ready, or could not be asked for, is a no, whatever people say. Default: nobody is asked; people and systems say it.',
  );

export const trackerOfFile = (
  name: string,
  {
    kind,
    records,
    url: address,
    ready,
    user,
    secret: named,
    api,
    table,
    field: column,
    pointer,
  }: TrackerFile,
): TrackerRule => {
  const common = {
    name,
    records,
    ready: ready ?? (kind === 'github' ? ['closed'] : ['Done', 'Closed']),
    url: address ?? 'https://api.github.com',
    ...(user === undefined ? {} : { user }),
    ...(named === undefined ? {} : { secret: named }),
  };
  switch (kind) {
    case 'jira':
      return { ...common, kind, api: api ?? '3' };
    case 'github':
      return { ...common, kind };
    case 'servicenow':
      return { ...common, kind, table: table ?? 'change_request', field: column ?? 'state' };
    case 'json':
      return { ...common, kind, pointer: pointer ?? '' };
  }
};
