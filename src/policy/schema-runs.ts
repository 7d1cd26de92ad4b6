import { z } from 'zod';
import type { LiveQuery, Run } from '../domain/run.ts';
import { argument, distinct, form, nameOf, placeholders, report } from './scalars.ts';

/** How a step is done: one kind of executor, by the key that names it. */

const command = z
  .array(argument)
  .min(1, 'must name a program')
  .check((context) => {
    if (context.value[0] === '') report(context, 'must name a program', [0]);
  });

const url = argument
  .refine((value) => /^https?:\/\/[^\s/]/.test(value), {
    error: ({ input }) => `"${String(input)}" is not an http or https URL`,
  })
  .transform((value) => value.replace(/\/+$/, ''))
  .meta({ title: 'URL' });

const texts = (what: string) =>
  z.record(z.string().min(1).max(200), argument).prefault({}).describe(`${what} Default: none.`);

const secret = form(
  'name of a secret',
  '^[A-Za-z][A-Za-z0-9_-]{0,63}$',
  (value) => `"${value}" cannot be the name of a secret; the secret itself never stands in the policy`,
);

const webhook = z.strictObject({
  url: url.describe('Takes a POST with a JSON body and the header `Idempotency-Key`, which names the run.'),
  body: texts('Further members of the body.'),
  secret: secret
    .exactOptional()
    .describe('Sent as a bearer token, named as for `github-actions`. Default: none.'),
  status: url
    .exactOptional()
    .describe(
      'Asked until it answers `{state: running | succeeded | failed, output}`; `{run}` names the run. Default: the answer to the POST decides.',
    ),
  callback: z
    .boolean()
    .prefault(false)
    .describe(
      'The body has a `callback` URL with a signed token, which takes a POST of `{state: succeeded | failed, output}`. Default: `false`.',
    ),
  cancel: url
    .exactOptional()
    .describe('Takes a POST when the step is to be stopped. Default: it cannot be stopped.'),
});

const githubActions = z.strictObject({
  repository: form(
    'repository',
    '^[A-Za-z0-9][A-Za-z0-9-]*/[A-Za-z0-9._-]+$',
    (value) => `"${value}" is not owner/name`,
  ).describe('`owner/name`'),
  workflow: argument.describe('File name of the workflow, such as `deploy.yml`.'),
  ref: argument.prefault('main').describe('Branch or tag that it runs on. Default: `main`.'),
  inputs: texts('Inputs of the workflow, at most 25.').refine(
    (value) => Object.keys(value).length <= 25,
    'GitHub takes at most 25 inputs',
  ),
  correlation: argument
    .exactOptional()
    .describe(
      'Input that gets the name of the run; with the `run-name` of the workflow made of that input, its run is found even when the answer to the dispatch was lost. Default: such a step asks a person.',
    ),
  secret: secret
    .prefault('github')
    .describe(
      'Name of the token: `github` is the environment variable `SIGNALBOX_SECRET_GITHUB`, or `SIGNALBOX_SECRET_GITHUB_FILE`. Default: `github`.',
    ),
  api: url.prefault('https://api.github.com').describe('Default: `https://api.github.com`.'),
});

const jenkins = z.strictObject({
  url: url.describe(
    'Of the job. It should have a parameter `SIGNALBOX_RUN`, by which its build is found again.',
  ),
  parameters: texts('Parameters of the build.'),
  user: argument.exactOptional().describe('Whose API token the secret is. Default: nobody’s.'),
  secret: secret.exactOptional().describe('The API token, named as for `github-actions`. Default: none.'),
});

const argocd = z.strictObject({
  url: url.describe('Of Argo CD.'),
  application: argument.describe('Synced, then waited for until it is healthy.'),
  revision: argument.exactOptional().describe('Default: what the application tracks.'),
  secret: secret.prefault('argocd').describe('The token, named as for `github-actions`. Default: `argocd`.'),
});

const haproxy = z.strictObject({
  socket: argument.describe('Path of the stats socket (level admin), or `host:port`.'),
  backend: nameOf('backend').describe('The backend whose servers are switched.'),
  to: argument.describe('Server that takes all requests from now on, once HAProxy finds it up.'),
  from: distinct(argument, 1).describe('Servers that finish what they have and take nothing new.'),
});

const rsync = z.strictObject({
  from: argument
    .exactOptional()
    .describe('Folder of the staged content. Default: what was current before this deployment is put back.'),
  to: argument.describe('Folder that gets `versions` and the link `current`, which is moved in one piece.'),
  keep: z.int().min(1).max(100).prefault(2).describe('Versions kept besides the current one. Default: `2`.'),
});

const kinds = ['command', 'webhook', 'github-actions', 'jenkins', 'argocd', 'haproxy', 'rsync'] as const;

const action = (describe: string) =>
  z
    .strictObject({
      command: command
        .exactOptional()
        .describe(
          `Program and arguments, started in the policy file's directory without a shell. Here and in all texts below these are filled in: ${placeholders.map((name) => `\`{${name}}\``).join(' ')}. \`{previous}\` is the artifact that was live before. Default: not by a program.`,
        ),
      webhook: webhook.exactOptional().describe('A system that takes a POST. Default: not used.'),
      'github-actions': githubActions
        .exactOptional()
        .describe('A workflow; only the conclusion `success` is one. Default: not used.'),
      jenkins: jenkins
        .exactOptional()
        .describe('A parameterized job; only the result `SUCCESS` is one. Default: not used.'),
      argocd: argocd.exactOptional().describe('An Argo CD application. Default: not used.'),
      haproxy: haproxy
        .exactOptional()
        .describe('The live side of a backend, switched at run time. Default: not used.'),
      rsync: rsync
        .exactOptional()
        .describe('Staged content to production, the version before it kept. Default: not used.'),
    })
    .check((context) => {
      const given = kinds.filter((kind) => context.value[kind] !== undefined);
      if (given.length === 1) return;
      report(context, `must have exactly one of ${kinds.join(', ')}`);
    })
    .transform((value): Run => {
      const { command: words = [], 'github-actions': workflow } = value;
      if (value.webhook) return { executor: 'webhook', ...value.webhook };
      if (workflow) return { executor: 'github-actions', ...workflow };
      if (value.jenkins) return { executor: 'jenkins', ...value.jenkins };
      if (value.argocd) return { executor: 'argocd', ...value.argocd };
      if (value.haproxy) return { executor: 'haproxy', ...value.haproxy };
      if (value.rsync) return { executor: 'rsync', ...value.rsync };
      return { executor: 'command', command: words };
    })
    .describe(describe);

export const run = action('What is done, by exactly one of these.');

export const undo = action('What takes the step back when it or a later one fails. Default: nothing.').meta({
  title: 'as `run`',
});

export const runToVerify = action('What is looked at, by exactly one of these. It must change nothing.').meta(
  {
    title: 'as `run`',
  },
);

export const live = z
  .strictObject({
    command: command
      .exactOptional()
      .describe(
        'A program whose last line of output is the name of the live side. Default: not by a program.',
      ),
    haproxy: z
      .strictObject({ socket: haproxy.shape.socket, backend: haproxy.shape.backend })
      .exactOptional()
      .describe(
        'The live side is the server of the backend that takes requests; servers are named like the sides. Default: not used.',
      ),
  })
  .check((context) => {
    const given = [context.value.command, context.value.haproxy].filter((one) => one !== undefined);
    if (given.length !== 1) report(context, 'must have exactly one of command, haproxy');
  })
  .transform(
    ({ command: words = [], haproxy: asked }): LiveQuery =>
      asked === undefined ? { executor: 'command', command: words } : { executor: 'haproxy', ...asked },
  )
  .describe('Who says which side is live. It is asked often, and must change nothing.');
