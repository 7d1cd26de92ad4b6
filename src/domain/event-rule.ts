import { at, textAt } from './json-pointer.ts';
import { digestIn, nameIn, versionIn } from './package-name.ts';

export const eventSources = ['cdevents', 'github'] as const;
export type EventSource = (typeof eventSources)[number];

/** What an event of another system is evidence of. Texts may have `{/json/pointer}` in them, with a filter after `|`. */
export interface EventRule {
  readonly source: EventSource;
  /** `artifact.published`; of GitHub `check_run` or `check_run.completed`. */
  readonly type: string;
  /** What must stand at these pointers: one of the texts. */
  readonly when: ReadonlyMap<string, readonly string[]>;
  readonly is: 'build' | 'deployed' | 'verified' | 'records' | 'observed';
  readonly fields: Readonly<Partial<Record<EventField, string>>>;
  /** Words that mean a pass; every other word is then a fail. Absent: the usual ones. */
  readonly pass?: readonly string[];
  /** Pointer to a DSSE envelope. */
  readonly provenance?: string;
}

export const eventFields = [
  'service',
  'version',
  'artifact',
  'configuration',
  'environment',
  'platform',
  'builder',
  'record',
  'outcome',
  'comment',
  'url',
] as const;
export type EventField = (typeof eventFields)[number];

/** As far as rules look at it. */
export interface Event {
  readonly source: EventSource;
  readonly type: string;
  readonly body: unknown;
}

export type Said = {
  readonly is: EventRule['is'];
  readonly outcome: 'pass' | 'fail';
  /** The word that the outcome was made of. */
  readonly word: string | undefined;
  readonly provenance?: unknown;
} & Readonly<Partial<Record<Exclude<EventField, 'outcome'>, string>>>;

export type Applied =
  | { readonly kind: 'said'; readonly said: Said }
  /** It speaks of this type, but not of this event. */
  | { readonly kind: 'silent'; readonly reason: string };

/** What the rule makes of the event; undefined when it is about other types. */
export const applyRule = (rule: EventRule, event: Event): Applied | undefined => {
  if (rule.source !== event.source || !isOfType(rule.type, event.type)) return undefined;
  const { body } = event;
  for (const [pointer, texts] of rule.when)
    if (!texts.includes(textAt(body, pointer) ?? ''))
      return { kind: 'silent', reason: `${pointer} is not ${texts.join(' or ')}` };
  const defaults = defaultsOf(event);
  const template = (field: EventField) => rule.fields[field] ?? defaults[field];
  const fields = new Map<EventField, string>();
  for (const field of eventFields) {
    const written = template(field);
    const text = written === undefined ? undefined : fill(written, body);
    if (text !== undefined) fields.set(field, text);
  }
  for (const field of neededBy[rule.is])
    if (!fields.has(field)) return { kind: 'silent', reason: `it has no ${field}` };
  const word = fields.get('outcome');
  const outcome = outcomeOf(rule, template('outcome') === undefined ? 'pass' : word);
  if (outcome === undefined)
    return { kind: 'silent', reason: word === undefined ? 'it has no outcome' : `${word} says nothing yet` };
  fields.delete('outcome');
  const provenance = rule.provenance === undefined ? undefined : at(body, rule.provenance);
  return {
    kind: 'said',
    said: {
      is: rule.is,
      outcome,
      word,
      ...Object.fromEntries(fields),
      ...(provenance === undefined ? {} : { provenance }),
    },
  };
};

/** When it happened, as the event has it. */
export const timeOf = ({ source, type, body }: Event): Date | undefined => {
  const pointer = source === 'cdevents' ? '/context/timestamp' : githubOf(type).at;
  const time = new Date((pointer === undefined ? undefined : textAt(body, pointer)) ?? '');
  return Number.isNaN(time.getTime()) ? undefined : time;
};

/** Without these nothing is said. */
const neededBy: Readonly<Record<EventRule['is'], readonly EventField[]>> = {
  build: ['service'],
  deployed: ['service', 'environment'],
  verified: ['service', 'environment'],
  records: ['record'],
  observed: ['service', 'environment'],
};

const isOfType = (wanted: string, type: string): boolean => type === wanted || type.startsWith(`${wanted}.`);

const usual = {
  pass: ['success', 'successful', 'succeeded', 'pass', 'passed', 'ok'],
  fail: ['failure', 'failed', 'fail', 'error', 'errored', 'timed_out', 'cancelled', 'canceled', 'cancel'],
  /** GitHub's further words for what did not go well. */
  more: ['action_required', 'startup_failure', 'stale'],
} as const;

const outcomeOf = ({ pass }: EventRule, word: string | undefined): Said['outcome'] | undefined => {
  const said = word?.toLowerCase();
  if (said === undefined) return undefined;
  if (pass !== undefined) return pass.some((one) => one.toLowerCase() === said) ? 'pass' : 'fail';
  if (usual.pass.some((one) => one === said)) return 'pass';
  return [...usual.fail, ...usual.more].some((one) => one === said) ? 'fail' : undefined;
};

const defaultsOf = ({ source, type, body }: Event): Readonly<Partial<Record<EventField, string>>> => {
  if (source === 'github')
    return { service: '{/repository/full_name}', url: '{/repository/html_url}', ...githubOf(type).fields };
  // A run says how it ended; that something was published is no more than that.
  return at(body, '/subject/content/outcome') === undefined ? {} : { outcome: '{/subject/content/outcome}' };
};

const githubOf = (
  type: string,
): { readonly at?: string; readonly fields?: Readonly<Partial<Record<EventField, string>>> } => {
  const [event = ''] = type.split('.');
  return github.get(event) ?? {};
};

const github: ReadonlyMap<string, ReturnType<typeof githubOf>> = new Map([
  [
    'check_run',
    {
      at: '/check_run/completed_at',
      fields: { outcome: '{/check_run/conclusion}', url: '{/check_run/html_url}' },
    },
  ],
  [
    'workflow_run',
    {
      at: '/workflow_run/updated_at',
      fields: { outcome: '{/workflow_run/conclusion}', url: '{/workflow_run/html_url}' },
    },
  ],
  [
    'deployment_status',
    {
      at: '/deployment_status/created_at',
      fields: {
        outcome: '{/deployment_status/state}',
        environment: '{/deployment/environment}',
        url: '{/deployment_status/target_url}',
      },
    },
  ],
  [
    'issues',
    {
      at: '/issue/updated_at',
      fields: {
        outcome: '{/issue/state}',
        record: '{/repository/full_name}#{/issue/number}',
        url: '{/issue/html_url}',
      },
    },
  ],
  [
    'pull_request',
    {
      at: '/pull_request/updated_at',
      fields: { outcome: '{/pull_request/state}', url: '{/pull_request/html_url}' },
    },
  ],
]);

export const filters = { digest: digestIn, version: versionIn, name: nameIn } as const;
export type Filter = keyof typeof filters;

/** `{/subject/id|name}`: pointer and filter of each. */
export const holesIn = (template: string): readonly { readonly pointer: string; readonly filter: string }[] =>
  [...template.matchAll(hole)].map(([, pointer = '', filter = '']) => ({ pointer, filter }));

const hole = /\{(\/[^{}|]*)(?:\|([a-z]*))?\}/g;

/** Undefined as soon as one of its parts is not there. */
const fill = (template: string, body: unknown): string | undefined => {
  let whole = true;
  const text = template.replaceAll(hole, (_, pointer: string, filter: string | undefined) => {
    const found = textAt(body, pointer);
    const kept =
      found === undefined || filter === undefined
        ? found
        : Object.entries(filters).find(([name]) => name === filter)?.[1](found);
    if (kept === undefined) whole = false;
    return kept ?? '';
  });
  return whole && text !== '' ? text : undefined;
};

/** Readings that CDEvents are without any rule. */
export const readingRules: readonly EventRule[] = [
  ...['service.deployed', 'service.upgraded', 'service.rolledback'].map(
    (type): EventRule => ({
      source: 'cdevents',
      type,
      when: new Map(),
      is: 'observed',
      fields: {
        service: '{/subject/id|name}',
        environment: '{/subject/content/environment/id}',
        artifact: '{/subject/content/artifactId|digest}',
        version: '{/subject/content/artifactId|version}',
      },
    }),
  ),
  {
    source: 'cdevents',
    type: 'environment.modified',
    when: new Map(),
    is: 'observed',
    fields: {
      service: '{/customData/service}',
      environment: '{/subject/id}',
      configuration: '{/customData/configuration}',
    },
  },
];
