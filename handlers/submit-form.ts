import type { Field } from '../src/chat/form.ts';
import type { Request } from '../src/chat/request.ts';
import { type Build, buildsOf, newestBuild, servicesFor, trainRules } from '../src/operations/find-builds.ts';
import { refuse } from '../src/operations/outcome.ts';
import type { HandlerForm } from './handler.ts';
import { subjectOf, textOf } from './words.ts';

/** As many as Slack shows; older builds are typed. */
const mostBuilds = 99;
const other = 'other';
/** Neither has spaces. */
const separator = ' ';

export interface Shipped {
  readonly service: string;
  readonly version?: string;
  /** `sha256:…` */
  readonly artifact?: string;
}

/** What is submitted, from words or from a form: what was typed counts instead of what was chosen. */
export const shippedBy = (request: Request): Shipped => {
  const { subject, args, flags = {} } = request;
  const artifact = textOf([flags['artifact'] ?? ''])?.toLowerCase();
  const typed = textOf([args[0] ?? '']) ?? textOf([flags['version'] ?? '']);
  const named = artifact === undefined ? {} : { artifact };
  const { build } = flags;
  const [built = '', version] = build === undefined || build === other ? [] : build.split(separator);
  const service = subject ?? flags['service'] ?? (version === undefined ? subjectOf(request) : built);
  if (typed !== undefined) return { service, version: typed, ...named };
  if (artifact !== undefined) return { service, artifact };
  if (build === other) return refuse({ code: 'version-missing', facts: { service } });
  if (version === undefined) return { service };
  // The builds that were offered are those of a service that was chosen before.
  if (built !== service) refuse({ code: 'build-of-another', facts: { service, build: built } });
  return { service, version };
};

/** Everything that a submission may say, with the recent builds of the service to choose from. */
export const submitForm: HandlerForm = {
  wanted: ({ subject, args }) => subject === undefined && args.length === 0,
  open: async ({ context, person, request }) => {
    const services = servicesFor(context, person);
    const named = request.flags?.['service'];
    const chosen = services.find((name) => name === named) ?? (await newestBuild(context, person))?.service;
    const service = chosen ?? services[0];
    const builds = service === undefined ? [] : await buildsOf(context, service, mostBuilds);
    return {
      title: 'Submit a change',
      verb: 'change submit',
      submitLabel: 'Submit',
      fields: [
        serviceField(services, service),
        ...(builds.length === 0 ? [] : [buildField(builds)]),
        ...namedFields(builds.length > 0),
        ...wordFields(trainRules(context)),
      ],
    };
  },
  faults: {
    'subject-missing': 'service',
    'unknown-service': 'service',
    'build-of-another': 'build',
    'already-submitted': 'build',
    'bad-version': 'version',
    'version-missing': 'version',
    'bad-artifact': 'artifact',
    'unknown-type': 'type',
    'unknown-train': 'train',
  },
};

const serviceField = (services: readonly string[], initial: string | undefined): Field => ({
  name: 'service',
  label: 'Service',
  required: true,
  kind: 'choice',
  refills: 'Show its builds',
  choices: services.map((name) => ({ value: name, label: name })),
  ...(initial === undefined ? {} : { initial }),
});

const buildField = (builds: readonly Build[]): Field => ({
  name: 'build',
  label: 'Build',
  hint: 'Recent builds of this service that nobody has submitted yet, the newest first.',
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

const namedFields = (hasBuilds: boolean): readonly Field[] => [
  {
    name: 'version',
    label: hasBuilds ? 'Another version' : 'Version',
    hint: hasBuilds ? 'Counts instead of the build above.' : 'There is no build of this service yet.',
    required: false,
    kind: 'line',
    maxLength: 100,
  },
  {
    name: 'artifact',
    label: 'Artifact',
    hint: 'sha256:… when it must be these very bytes.',
    required: false,
    kind: 'line',
    maxLength: 100,
  },
];

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
