import { z } from 'zod';
import { distinct, nameOf, text, zone } from './scalars.ts';
import { events } from './schema-events.ts';
import { oncall } from './schema-oncall.ts';
import { builders, milestones, people, roles, services } from './schema-people.ts';
import {
  approvals,
  channels,
  emergency,
  obligations,
  plans,
  quietHours,
  releaseManagers,
  resources,
  separation,
  vetoes,
} from './schema-plans.ts';
import { trackers } from './schema-trackers.ts';
import { freezes, trains } from './schema-trains.ts';

/**
 * The policy file. Every key says what it means and what is assumed without it; `docs/policy.md` and the JSON
 * Schema are made from this. What needs more than one section to be judged is in references.ts and warnings.ts.
 */
export const policySchema = z
  .strictObject({
    organization: text
      .prefault('Signalbox')
      .describe('The heading of cards and pages. Default: `Signalbox`.'),
    timezone: zone.describe(
      'IANA zone in which every time of day and date in this file is meant, such as `America/New_York`.',
    ),
    environments: distinct(nameOf('environment'), 1)
      .prefault(['test', 'preproduction', 'production'])
      .describe(
        'In the order in which an artifact travels; the last one is production. Default: `[test, preproduction, production]`.',
      ),
    people: some(people, 'person'),
    roles,
    services: some(services, 'service'),
    builders,
    trains: some(trains, 'train'),
    freezes,
    approvals,
    emergency,
    vetoes,
    separation,
    releaseManagers,
    plans,
    resources,
    concurrency: z
      .int()
      .min(1)
      .max(1_000)
      .prefault(8)
      .describe('Deployments that may run at the same time. Default: `8`.'),
    cycles: z
      .enum(['together', 'refuse'])
      .prefault('together')
      .describe(
        'What becomes of changes that need each other in a circle: `together` deploys them as one, `refuse` deploys none of them. Default: `together`.',
      ),
    milestones,
    obligations,
    events,
    trackers,
    oncall,
    channels,
    quietHours,
  })
  .meta({ title: 'Signalbox policy' });

export type PolicyFile = z.output<typeof policySchema>;

function some<T extends z.ZodRecord>(section: T, what: string): T {
  return section.refine((value) => Object.keys(value).length > 0, `there must be at least one ${what}`);
}

/** JSON Schema (draft 7) of the file as it is written, for completion in editors. */
export const policyJsonSchema = (): JsonSchema =>
  z.toJSONSchema(policySchema, { io: 'input', target: 'draft-7' });

export type JsonSchema = z.core.JSONSchema.BaseSchema;
