import { z } from 'zod';
import { separationRules } from '../domain/duty.ts';
import { distinct, form, nameOf, report, requirement, term, timeOfDay } from './scalars.ts';
import { plan } from './schema-strategies.ts';

const seats = z
  .array(
    z
      .record(nameOf('role'), z.int().min(1).max(100))
      .check((context) => {
        if (Object.keys(context.value).length !== 1)
          report(context, 'write one seat per entry: [operations: 1, qa: 1]');
      })
      .meta({ title: 'seat', description: 'A role and how many of its people must sign.' }),
  )
  .check((context) => {
    const seen = new Set<string>();
    context.value.forEach((seat, i) => {
      for (const role of Object.keys(seat)) {
        if (seen.has(role)) report(context, `the rule asks for ${role} twice; write one count`, [i, role]);
        seen.add(role);
      }
    });
  });

export const approvals = z
  .strictObject({
    normal: seats
      .prefault([{ operations: 1 }, { 'release-manager': 1 }])
      .describe('An ordinary change. Default: `[operations: 1, release-manager: 1]`.'),
    content: seats
      .prefault([{ operations: 1 }, { marketing: 1 }, { 'public-relations': 1 }])
      .describe(
        'A change that customers read. Default: `[operations: 1, marketing: 1, public-relations: 1]`.',
      ),
    standard: seats
      .prefault([])
      .describe('A routine change, approved in advance. Default: `[]`, no signature.'),
    late: seats
      .prefault([{ 'business-owner': 1 }, { 'senior-management': 1 }, { qa: 1 }])
      .describe(
        'Asked of a change after its cutoff, in addition to the seats of its type. Default: `[business-owner: 1, senior-management: 1, qa: 1]`.',
      ),
    veryLate: seats
      .prefault([])
      .describe(
        'Asked in addition to `late` once a second cutoff of the train has passed; the change then also needs a go of its own. Default: `[]`, nobody more.',
      ),
    emergency: seats
      .prefault([{ 'business-owner': 1 }, { 'senior-management': 1 }, { operations: 1 }])
      .describe(
        'A change outside the train. Default: `[business-owner: 1, senior-management: 1, operations: 1]`.',
      ),
  })
  .prefault({})
  .describe(
    'The seats of each type of change: `ROLE: NUMBER`. A person fills at most one seat of a change and none of a change of their own. Default: a type that is not listed keeps its own.',
  );

export const emergency = z
  .strictObject({
    requires: distinct(requirement)
      .prefault(['build'])
      .describe(
        'What it keeps of the requirements. A build of the very bytes by a trusted builder is always one of them. What it skips is owed. Default: `[build]`.',
      ),
  })
  .prefault({})
  .describe(
    'A change that waits for no train: it is deployed as soon as the seats of `approvals.emergency` are filled. Default: as below.',
  );

export const vetoes = distinct(nameOf('role'))
  .prefault(['operations'])
  .describe('Roles whose members may stop a change until they take it back. Default: `[operations]`.');

export const separation = distinct(z.enum(separationRules))
  .prefault([])
  .describe(
    'Duties that nobody may have both of for one change. Authors are the requester and whom the build names (`details.authors`: ids of people or e-mail addresses). `cannotApproveOwn`: authors do not sign; `approverNotTester`: who signed it off or verified it does not sign; `testerNotAuthor`: authors do not sign off; `deployerNotAuthor`, `deployerNotApprover`: the word of go comes from somebody else. Default: `[]`; that nobody signs a change of their own request, nor fills two seats, holds always.',
  );

export const releaseManagers = distinct(nameOf('role'), 1)
  .prefault(['release-manager'])
  .describe('Roles that approve deployment dates and give go and no-go. Default: `[release-manager]`.');

export const resources = z
  .record(
    nameOf('resource'),
    z.strictObject({
      capacity: z
        .int()
        .min(1)
        .max(1_000_000)
        .prefault(1)
        .describe('How much of it deployments may hold at a time; 1 makes it a lock. Default: `1`.'),
    }),
  )
  .prefault({})
  .describe(
    'What deployments share: a database cluster, bandwidth to a remote site, a test rig, hands. Plans claim of it, and what cannot have all that it claims waits. Default: none.',
  );

export const plans = z
  .record(nameOf('plan'), plan)
  .prefault({})
  .describe(
    'How services are deployed. Default: one plan named `default` with the single step `./deploy.sh SERVICE ARTIFACT`, undone by `./deploy.sh SERVICE PREVIOUS`.',
  );

export const obligations = z
  .strictObject({
    hours: z
      .strictObject({
        from: timeOfDay.prefault('09:00').describe('Default: `09:00`.'),
        to: timeOfDay.prefault('18:00').describe('Default: `18:00`.'),
      })
      .check((context) => {
        if (context.value.to <= context.value.from) report(context, 'is not after `from`', ['to']);
      })
      .prefault({})
      .describe(
        'Working hours, Monday to Friday: reminders come within them and working days end with them. Default: `{ from: "09:00", to: "18:00" }`.',
      ),
    review: term
      .prefault('3 working days')
      .describe('Why a change was late, and how the next one is not. Default: `3 working days`.'),
    paper: term
      .prefault('2 working days')
      .describe('Each requirement that an emergency skipped. Default: `2 working days`.'),
    record: term
      .prefault('24h')
      .describe('The ticket of what was done first and documented after. Default: `24h`.'),
    propagation: term
      .prefault('3d')
      .describe(
        'The same change in configuration management, so that the next build does not undo it. Default: `3d`.',
      ),
    rootCause: term
      .prefault('5 working days')
      .describe('The root-cause analysis after an outage. Default: `5 working days`.'),
  })
  .prefault({})
  .describe(
    'How long people have for what an exception leaves to be done. What is overdue keeps the team from boarding the next train. Default: as below.',
  );

export const quietHours = z
  .strictObject({
    from: timeOfDay.describe('Quiet from this time of day on.'),
    to: timeOfDay.describe('And no longer at this one; on the next day when it is before `from`.'),
  })
  .exactOptional()
  .describe(
    'Reminders of a cutoff that would come in this time come at its end, unless the cutoff is over by then. Default: never quiet.',
  );

export const channels = z
  .record(
    nameOf('channel'),
    z.strictObject({
      slack: form(
        'Slack channel id',
        '^[CGD][A-Z0-9]+$',
        (value) => `"${value}" is not a Slack channel id such as C01REL (channel details → Channel ID)`,
      )
        .exactOptional()
        .describe('Default: not in Slack.'),
      teams: form('Teams conversation id', '^\\S+$', (value) => `"${value}" is not a Teams conversation id`)
        .exactOptional()
        .describe('Default: not in Teams.'),
    }),
  )
  .prefault({})
  .describe(
    'Where cards are posted: `releases` gets trains, changes and deployments, `oncall` gets pages. Default: none; cards are shown to whoever asks.',
  );
