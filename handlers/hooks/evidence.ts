import { z } from 'zod';
import type { Context } from '../../src/operations/context.ts';
import { type Report, recordEvidence } from '../../src/operations/record-evidence.ts';
import { recordMilestone } from '../../src/operations/record-milestone.ts';
import { recordReading } from '../../src/operations/record-reading.ts';
import { faultsOf } from './faults.ts';

const name = z.string().min(1).max(200);

const isWeb = (text: string): boolean => URL.canParse(text) && /^https?:$/.test(new URL(text).protocol);

const Told = z.object({
  builder: z.string().min(1).max(2_000).exactOptional(),
  /** For `records`: `CHG-17`. */
  change: name.exactOptional(),
  comment: z.string().max(2_000).exactOptional(),
  /** What was set where it was deployed: values or digests of them, or one digest of all. */
  configuration: z
    .union([
      z.string().min(1).max(2_000),
      z
        .record(name, z.string().max(2_000))
        .refine((settings) => Object.keys(settings).length <= 500, { error: 'has more than 500 settings' }),
    ])
    .transform((given) => (typeof given === 'string' ? { configuration: given } : given))
    .exactOptional(),
});

/** DESIGN §5. What the policy knows (services, environments …) is the operation's to judge. */
const Body = z.strictObject({
  /** Chosen by the sender; the same id again has no second effect (L8). */
  id: name,
  kind: z.enum(['build', 'deployed', 'verified', 'records'], {
    error: ({ input }) =>
      input === 'sign-off' || input === 'date-approved'
        ? `${input} is a person's to give, in chat`
        : 'must be build, deployed, verified, records, observed or milestone',
  }),
  service: name,
  version: name.exactOptional(),
  artifact: name.exactOptional(),
  environment: name.exactOptional(),
  platform: name.exactOptional(),
  outcome: z.enum(['pass', 'fail'], { error: 'must be pass or fail' }),
  url: z.string().max(2_000).refine(isWeb, { error: 'must be an http or https URL' }).exactOptional(),
  observedAt: z.iso
    .datetime({ offset: true, error: 'must be an ISO 8601 time with Z or an offset' })
    .transform((text) => new Date(text))
    .refine((at) => !Number.isNaN(at.getTime()), { error: 'is no time' })
    .exactOptional(),
  /** Kept as they came; some of them mean something here. */
  details: z.looseObject(Told.shape).exactOptional(),
});
type Body = z.infer<typeof Body>;

/** What runs somewhere, as somebody has seen it. */
const ReadingBody = z.strictObject({
  id: Body.shape.id,
  kind: z.literal('observed'),
  service: name,
  environment: name,
  platform: Body.shape.platform,
  artifact: Body.shape.artifact,
  version: Body.shape.version,
  configuration: name.exactOptional(),
  outcome: z.literal('pass', { error: 'must be pass, or left out' }).exactOptional(),
  url: Body.shape.url,
  observedAt: Body.shape.observedAt,
  details: z.looseObject({ source: name.exactOptional() }).exactOptional(),
});

/** Something outside of software is there, or is not. */
const MilestoneBody = z.strictObject({
  id: Body.shape.id,
  kind: z.literal('milestone'),
  milestone: name,
  outcome: Body.shape.outcome,
  url: Body.shape.url,
  observedAt: Body.shape.observedAt,
  details: z.looseObject({ comment: Told.shape.comment }).exactOptional(),
});

const parseMilestone = (json: unknown) => {
  const { data, error } = MilestoneBody.safeParse(json);
  if (data === undefined) return { ok: false as const, faults: faultsOf(error) };
  const { id, kind: _kind, details, ...report } = data;
  const act = (context: Context, receivedAt: Date): Promise<void> =>
    recordMilestone(
      context,
      { actor: 'system:hook', at: receivedAt, request: `hook:${id}` },
      { ...report, source: 'hook', ...(details?.comment === undefined ? {} : { comment: details.comment }) },
    );
  return { ok: true as const, value: act };
};

const isOf = (kind: string, json: unknown): boolean =>
  typeof json === 'object' && json !== null && 'kind' in json && json.kind === kind;

const parseReading = (json: unknown) => {
  const { data, error } = ReadingBody.safeParse(json);
  if (data === undefined) return { ok: false as const, faults: faultsOf(error) };
  const { id, kind: _kind, outcome: _seen, url: _url, details, ...reading } = data;
  const act = (context: Context, receivedAt: Date): Promise<void> =>
    recordReading(
      context,
      { actor: 'system:hook', at: receivedAt, request: `hook:${id}` },
      { ...reading, source: details?.source ?? 'hook' },
    );
  return { ok: true as const, value: act };
};

export const evidence = {
  path: '/hooks/evidence',
  scheme: 'builder',
  parse: (json: unknown, signedBy: string) => {
    if (signedBy === '' && isOf('observed', json)) return parseReading(json);
    if (signedBy === '' && isOf('milestone', json)) return parseMilestone(json);
    const { data, error } = Body.safeParse(json);
    if (data === undefined) return { ok: false as const, faults: faultsOf(error) };
    if (signedBy !== '' && data.kind !== 'build') return { ok: false as const, faults: [notByBuilders] };
    const act = (context: Context, receivedAt: Date): Promise<void> =>
      recordEvidence(
        context,
        { actor: 'system:hook', at: receivedAt, request: `hook:${data.id}` },
        { ...reportOf(data), ...(signedBy === '' ? {} : { signedBy }) },
      );
    return { ok: true as const, value: act };
  },
} as const;

const notByBuilders = { path: 'kind', message: 'must be build where a builder’s own key has signed' };

const reportOf = ({ id: _id, details, ...report }: Body): Report => ({
  ...report,
  source: 'hook',
  ...(details === undefined ? {} : { ...Told.parse(details), details }),
});
