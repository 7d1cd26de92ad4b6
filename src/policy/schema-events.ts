import { z } from 'zod';
import {
  type EventField,
  type EventRule,
  eventFields,
  eventSources,
  filters,
  holesIn,
} from '../domain/event-rule.ts';
import { isPointer } from '../domain/json-pointer.ts';
import { distinct, form, report, text } from './scalars.ts';

/** What events of other systems are evidence of. */

const pointer = form(
  'JSON pointer',
  '^(/([^~/{}|]|~[01])*)+$',
  (value) => `"${value}" is not a JSON pointer such as /check_run/name`,
);

const template = z
  .string()
  .min(1, 'is empty')
  .max(500, 'is longer than 500 characters')
  .check((context) => {
    const known = Object.keys(filters);
    for (const { pointer: at, filter } of holesIn(context.value)) {
      if (!isPointer(at)) report(context, `{${at}} is not a JSON pointer`);
      if (filter !== '' && !known.includes(filter))
        report(context, `there is no filter "${filter}"; there are ${known.join(', ')}`);
    }
    if (/[{}]/.test(context.value.replaceAll(/\{\/[^{}]*\}/g, '')))
      report(context, 'has a brace that is no {/json/pointer}');
  })
  .meta({ title: 'template' });

const meanings: Readonly<Record<EventField, string>> = {
  service:
    'Name of the service, or its repository as `owner/name`. An event of anything else is ignored. Default: of GitHub the repository.',
  version: 'Default: none.',
  artifact: 'Digest `sha256:…`. Default: none; a version with a build is enough.',
  configuration: 'For `observed`: a digest of the configuration. Default: none.',
  environment: 'Default: of a deployment status of GitHub its environment.',
  platform: 'Default: the only one.',
  builder: 'Who built it: the rule vouches for it, if it is written out. Default: none.',
  record: 'For `records`: the ticket, as changes name it. Default: of an issue of GitHub `owner/name#12`.',
  outcome:
    'The word that says how it went. Default: what the event has (`conclusion`, `state`, `outcome`), or else a pass.',
  comment: 'Default: none.',
  url: 'Default: of GitHub the page of what it is about.',
};

const fields = Object.fromEntries(
  eventFields.map((field) => [field, template.exactOptional().describe(meanings[field])]),
) as Readonly<Record<EventField, z.ZodExactOptional<typeof template>>>;

const rule = z
  .strictObject({
    on: form(
      'type of event',
      `^(${eventSources.join('|')}):[a-z_]+(\\.[a-z_]+)?$`,
      (value) => `"${value}" is not a type such as cdevents:artifact.published or github:check_run`,
    ).describe(
      '`cdevents:SUBJECT.PREDICATE` of any version, or `github:EVENT`, `github:EVENT.ACTION`, as GitHub names it.',
    ),
    when: z
      .record(pointer, z.union([text.transform((value) => [value]), distinct(text, 1)]))
      .prefault({})
      .describe(
        'What must stand in the event, by JSON pointer: a text, or one of a list. Default: anything.',
      ),
    is: z
      .enum(['build', 'deployed', 'verified', 'records', 'observed'])
      .describe('What it is evidence of; `observed` is a reading of what runs somewhere.'),
    ...fields,
    pass: distinct(text, 1)
      .exactOptional()
      .describe(
        'Words of `outcome` that mean a pass; every other one is a fail. Default: `success`, `passed` and the like are a pass, `failure`, `error`, `cancelled` and the like a fail, and what is neither is ignored.',
      ),
    provenance: pointer
      .exactOptional()
      .describe('Where a build has its provenance (a DSSE envelope). Default: nowhere.'),
  })
  .transform(({ on, when, is, pass, provenance, ...given }): EventRule => {
    const [source = '', type = ''] = on.split(':');
    return {
      source: eventSources.find((known) => known === source) ?? 'cdevents',
      type,
      when: new Map(Object.entries(when)),
      is,
      fields: given,
      ...(pass === undefined ? {} : { pass }),
      ...(provenance === undefined ? {} : { provenance }),
    };
  });

export const events = z
  .array(rule)
  .prefault([])
  .describe(
    'What events that come to `/hooks/cdevents` and `/hooks/github` are evidence of; each rule that fits is applied. In the texts, `{/json/pointer}` is filled from the body of the event; `|digest`, `|version` and `|name` after the pointer take that part of a package URL or an image reference. Default: none, but `service.deployed`, `service.upgraded`, `service.rolledback` and `environment.modified` of CDEvents are readings always.',
  );
