import { z } from 'zod';
import { aspects } from '../domain/aspect.ts';
import { day, minute } from '../domain/time.ts';
import { date, distinct, duration, form, nameOf, publicKey, text, zone } from './scalars.ts';
import { pageWay } from './schema-oncall.ts';

export const person = z.strictObject({
  name: text.exactOptional().describe('How cards and run-sheets call the person. Default: the id.'),
  email: form(
    'e-mail address',
    '^[^@\\s]+@[^@\\s]+\\.[^@\\s]+$',
    (value) => `"${value}" is not an e-mail address`,
  )
    .exactOptional()
    .describe('For calendars, look-ups and pages by e-mail; no two people share one. Default: none.'),
  slack: form(
    'Slack member id',
    '^[UW][A-Z0-9]+$',
    (value) => `"${value}" is not a Slack member id such as U01RITA (profile → Copy member ID)`,
  )
    .exactOptional()
    .describe(
      'The member id, not the display name, which anybody can change. Without it the person cannot act in Slack. Default: none.',
    ),
  teams: form('Teams user id', '^\\S+$', (value) => `"${value}" is not a Teams user id`)
    .exactOptional()
    .describe(
      'The object id of the user in Entra ID. Without it the person cannot act in Teams. Default: none.',
    ),
  phone: form(
    'phone number',
    '^\\+[1-9][0-9]{6,14}$',
    (value) => `"${value}" is not a phone number in the international form "+15550100"`,
  )
    .exactOptional()
    .describe('For pages by call and SMS: `+`, country code, number, in quotes. Default: none.'),
  webhook: z
    .strictObject({
      url: form(
        'web address',
        '^https?://\\S+$',
        (value) => `"${value}" is not an http or https URL`,
      ).describe('Where pages are posted as JSON.'),
      secret: text.describe('Names the key that signs them: `ops` is `SIGNALBOX_SECRET_OPS`.'),
    })
    .exactOptional()
    .describe('A system that is told of the pages of this person, and of their answers. Default: none.'),
  pagerduty: text
    .exactOptional()
    .describe(
      'Names the secret that is a routing key of PagerDuty: `payments` is `SIGNALBOX_SECRET_PAYMENTS`. Pages of this person are incidents there, acknowledged and resolved with the page. Default: none.',
    ),
  level: text
    .exactOptional()
    .describe(
      'Seniority, in your own words (those of `oncall.levels` where a tier asks for a level); shown beside the name on call. Default: none.',
    ),
  manager: nameOf('person')
    .exactOptional()
    .describe('Who, besides the person, may say that the person is away and who stands in. Default: nobody.'),
  timezone: zone
    .exactOptional()
    .describe(
      'Where the person lives: reports count by it who was woken at night. Default: the timezone of the policy.',
    ),
  pages: distinct(pageWay, 1)
    .exactOptional()
    .describe(
      'How a page reaches the person. A way that fails brings the next one forward. Default: `[{ by: chat }, { by: webhook }, { by: pagerduty }, { by: sms, after: 2m }, { by: voice, after: 5m }, { by: email, after: 5m }]`, as far as there is an address.',
    ),
});

export const people = z
  .record(nameOf('person'), person)
  .describe(
    'Everybody who acts, signs or is paged, by an id of your choice. The other parts of the policy use the ids.',
  );

const slackGroup = z.strictObject({
  slackGroup: form(
    'Slack user group id',
    '^S[A-Z0-9]+$',
    (value) => `"${value}" is not a Slack user group id such as S01QA (user group → Copy group ID)`,
  ).describe(
    'A user group of Slack: its members, as far as they are in `people` with their Slack ids, have the role. When Slack cannot be asked for a quarter of an hour they have it no longer, until it can.',
  ),
});

const member = z
  .union([nameOf('person'), slackGroup], 'must be a person’s id, or a group such as slackGroup: S01QA')
  .meta({ title: 'person' });

export const roles = z
  .record(
    nameOf('role'),
    distinct(member).describe(
      'The members: ids from `people`, and `slackGroup: S01QA` for a user group of Slack.',
    ),
  )
  .prefault({})
  .describe(
    'Who may fill which seat. A person may have several roles but fills one seat of a change only. The role `business-owner`, when it is not listed, is each service’s own `businessOwner`, and for a service without one everybody who is one of another. Default: no roles, and then nothing that needs a signature can be approved.',
  );

export const service = z.strictObject({
  team: text.exactOptional().describe('The team that works on it. Default: none.'),
  owners: distinct(nameOf('person'))
    .prefault([])
    .describe(
      'Developers who answer for it: they are asked when a build or a deployment to test is missing. Default: nobody, and then whoever submits a change.',
    ),
  businessOwner: nameOf('person')
    .exactOptional()
    .describe('Who decides for the business about late and emergency changes. Default: nobody.'),
  repository: text
    .exactOptional()
    .describe(
      'URL of the repository that it is built from; where builders sign provenance, that has to name it. Default: not asked.',
    ),
  dependsOn: distinct(nameOf('service'))
    .prefault([])
    .describe('Services that are deployed before it when both are on the same train. Default: none.'),
  withoutDependency: z
    .enum(['degrade'])
    .exactOptional()
    .describe(
      '`degrade`: it works without what it depends on, with less. It still goes after it, but is deployed too when that fails or is held. Default: it needs all that it depends on.',
    ),
  priority: z
    .int()
    .min(0)
    .max(100)
    .exactOptional()
    .describe(
      'When a window takes only so many changes, services of a higher priority go first, and of the same the older changes. Default: `0`.',
    ),
  externalConfiguration: distinct(text.meta({ title: 'setting' }))
    .exactOptional()
    .describe(
      'Settings that may differ between environments, as reports name them in `details.configuration`; any other difference keeps a change from production. Default: none.',
    ),
  platforms: distinct(nameOf('platform'), 1)
    .prefault(['default'])
    .describe('Each platform needs a build and a deployment to test of its own. Default: one, `default`.'),
  plan: nameOf('plan')
    .exactOptional()
    .describe(
      'The plan by which it is deployed. Default: the plan named `default`; without one, the only plan there is; else the built-in plan: `./deploy.sh SERVICE ARTIFACT`, undone by `./deploy.sh SERVICE PREVIOUS`.',
    ),
  observed: duration(minute, day)
    .exactOptional()
    .describe(
      'What runs in production is reported (`observed` readings), and a deployment has to be seen there within this time. Default: `15m` once there are readings; before, nobody expects any.',
    ),
  differs: distinct(z.enum(aspects), 1)
    .exactOptional()
    .describe(
      'In what an environment may differ from production without being called adrift: `artifact`, `configuration`. Default: in nothing.',
    ),
  tier: nameOf('tier')
    .exactOptional()
    .describe('The tier of `oncall` whose demands hold for it. Default: none.'),
  escalation: nameOf('escalation')
    .exactOptional()
    .describe(
      'Who is paged for it. Default: what its tier says; else the escalation `default`, or the first one.',
    ),
});

export const services = z
  .record(nameOf('service'), service)
  .describe('The applications that get deployed. `flagd: {}` takes every default.');

export const milestones = z
  .record(
    nameOf('milestone'),
    z.strictObject({
      what: text.describe('What it is, for people: `the new racks are wired`.'),
      due: date.describe('The day by which it is to be there.'),
      owners: distinct(nameOf('person'))
        .prefault([])
        .describe('Who says that it is there, besides release managers. Default: nobody.'),
    }),
  )
  .exactOptional()
  .describe(
    'Dated things outside of software that a change can wait for (`/change submit checkout --after CHG-12,new-racks`): hardware, training, an organisational step. Met by `/change milestone new-racks` or by a report of kind `milestone`. Default: none.',
  );

export const builders = z
  .strictObject({
    trusted: distinct(text.meta({ title: 'builder id' }))
      .prefault([])
      .describe(
        'Builder ids whose builds count; a build by any other is shown but meets no requirement. Default: every build that is reported with the right signature counts.',
      ),
    keys: z
      .array(
        z.strictObject({
          builder: text.describe('Builder id, as its provenance names it.'),
          publicKey: publicKey.describe('The key that it signs provenance with.'),
        }),
      )
      .prefault([])
      .describe(
        'A builder that is listed here is trusted, and its builds count only with a SLSA v1 provenance in a DSSE envelope (`details.provenance` of the report) that one of its keys has signed, of the same bytes, builder and repository. Default: none; the report alone is believed.',
      ),
    secrets: z
      .array(
        z.strictObject({
          builder: text.describe('Builder id, as its reports name it.'),
          secret: nameOf('secret').describe(
            'Name of the key that it signs its reports with: `ci` is the environment variable `SIGNALBOX_SECRET_CI`, or the file that `SIGNALBOX_SECRET_CI_FILE` names.',
          ),
        }),
      )
      .prefault([])
      .describe(
        'A builder that is listed here is trusted, and its builds count only when the report is signed with its own key instead of `SIGNALBOX_HOOK_SECRET`. Default: none.',
      ),
    identities: z
      .array(
        z.strictObject({
          builder: text.describe('Builder id, as its provenance names it.'),
          issuer: text.describe(
            'Who vouches for the identity, such as `https://token.actions.githubusercontent.com`.',
          ),
          subject: text.describe(
            'The identity in the certificate: of a GitHub workflow its address and ref, `https://github.com/shop/web/.github/workflows/release.yml@refs/heads/main`. A `*` at the end stands for anything.',
          ),
        }),
      )
      .prefault([])
      .describe(
        'A builder that is listed here is trusted, and its builds count only with a Sigstore bundle (`details.provenance` of the report; GitHub’s attestations are such) signed by one of its identities, of the same bytes, builder and repository. It is verified without any network. Default: none.',
      ),
    trustedRoot: text
      .exactOptional()
      .describe(
        'File with the certificate authorities and logs that are believed about identities, beside the policy: what `gh attestation trusted-root` or Sigstore’s `trusted_root.json` says. Default: none, and then no identity counts.',
      ),
  })
  .prefault({})
  .describe('Which builds count. Default: all that are reported with the right signature.');
