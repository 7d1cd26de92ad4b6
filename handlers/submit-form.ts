import type { Field } from '../src/chat/form.ts';
import type { Request } from '../src/chat/request.ts';
import { buildsToSubmit, servicesFor, trainRules } from '../src/operations/find-builds.ts';
import type { HandlerForm } from './handler.ts';
import { isPress, subjectOf, textOf } from './words.ts';

/** As many as Slack shows; older builds are typed. */
const mostBuilds = 99;
const other = 'other';
/** Neither has spaces. */
const separator = ' ';

/** What is submitted: a chosen build, or a service and perhaps a version, from fields or words. */
export const serviceOf = (request: Request): { readonly service: string; readonly version?: string } => {
  const { subject, flags = {} } = request;
  const [service, version] = (flags['build'] ?? other).split(separator);
  if (service !== undefined && version !== undefined) return { service, version };
  const typed = textOf([flags['version'] ?? '']);
  return {
    service: subject ?? flags['service'] ?? subjectOf(request),
    ...(typed === undefined ? {} : { version: typed }),
  };
};

/** Everything that a submission may say, with the recent builds to choose from. */
export const submitForm: HandlerForm = {
  wanted: (request) => !isPress(request) && request.subject === undefined && request.args.length === 0,
  open: async ({ context, person }) => {
    const builds = await buildsToSubmit(context, person, mostBuilds);
    const rules = trainRules(context);
    return {
      title: 'Submit a change',
      verb: 'change submit',
      submitLabel: 'Submit',
      fields: [
        ...(builds.length === 0 ? [] : [buildField(builds)]),
        ...shipFields(servicesFor(context, person), builds.length > 0),
        ...wordFields(rules),
      ],
    };
  },
  faults: {
    'subject-missing': 'service',
    'unknown-service': 'service',
    'bad-version': 'version',
    'version-missing': 'version',
    'already-submitted': 'build',
    'unknown-type': 'type',
    'unknown-train': 'train',
  },
};

const buildField = (builds: Awaited<ReturnType<typeof buildsToSubmit>>): Field => ({
  name: 'build',
  label: 'Build',
  hint: 'Recent builds that nobody has submitted yet.',
  required: true,
  kind: 'choice',
  choices: [
    ...builds.map(({ service, version, artifact }) => ({
      value: [service, version].join(separator),
      label: `${service} ${version} (${artifact.slice('sha256:'.length, 'sha256:'.length + 8)})`,
    })),
    { value: other, label: 'another one, named below' },
  ],
  ...(builds[0] === undefined ? {} : { initial: [builds[0].service, builds[0].version].join(separator) }),
});

const shipFields = (services: readonly string[], hasBuilds: boolean): readonly Field[] => {
  const service = { name: 'service', label: 'Service', required: !hasBuilds };
  return [
    services.length <= 100
      ? { ...service, kind: 'choice', choices: services.map((name) => ({ value: name, label: name })) }
      : { ...service, kind: 'line', maxLength: 100 },
    {
      name: 'version',
      label: 'Version',
      hint: 'When it is left empty, that of the newest build.',
      required: false,
      kind: 'line',
      maxLength: 100,
    },
  ];
};

const wordFields = (rules: readonly string[]): readonly Field[] => [
  {
    name: 'type',
    label: 'Type',
    required: true,
    kind: 'choice',
    choices: ['normal', 'content', 'standard'].map((type) => ({ value: type, label: type })),
    initial: 'normal',
  },
  {
    name: 'record',
    label: 'Tickets',
    hint: 'SHOP-12, SHOP-14',
    required: false,
    kind: 'line',
    maxLength: 300,
  },
  { name: 'note', label: 'Release note', required: false, kind: 'text', maxLength: 1_000 },
  ...(rules.length < 2
    ? []
    : [
        {
          name: 'train',
          label: 'Train',
          hint: 'When it is left empty, whichever closes next.',
          required: false,
          kind: 'choice' as const,
          choices: rules.map((rule) => ({ value: rule, label: rule })),
        },
      ]),
];
