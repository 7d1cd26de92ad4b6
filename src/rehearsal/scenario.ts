import { z } from 'zod';
import { type AuditKind, auditKinds } from '../domain/audit.ts';
import type { Policy } from '../domain/policy.ts';
import { type LocalDate, localAfterMonday, minuteOfWeek, resolveLocal } from '../domain/time.ts';
import { type Fault, formatPath } from '../policy/fault.ts';
import { weeklyTime } from '../policy/scalars.ts';
import { readYaml } from '../policy/yaml.ts';

/** What a system tells about one version, for every platform of its service. */
export interface SystemReport {
  /** `observed`: what is read off an environment, whoever brought it there. */
  readonly kind: 'build' | 'deployed' | 'verified' | 'observed';
  readonly service: string;
  readonly version: string;
  readonly environment?: string;
  readonly outcome: 'pass' | 'fail';
  readonly comment?: string;
  readonly builder?: string;
  /** A build of the same version with other bytes. */
  readonly again: boolean;
}

/** Something that a colleague, a system or fate does. `<cart>` in a text stands for the latest change of cart. */
export type Moment = { readonly at: Date } & (
  | { readonly kind: 'say'; readonly person: string; readonly text: string }
  /** A button of the living card of the service's latest change. */
  | { readonly kind: 'press'; readonly person: string; readonly label: string; readonly service: string }
  | { readonly kind: 'report'; readonly report: SystemReport }
  /** From now on the program fails for this service when it is called with the verb. */
  | { readonly kind: 'break'; readonly service: string; readonly verb: string; readonly reason: string }
  /** SIGKILL, as soon after `at` as so many steps run at once; another bot is started. */
  | { readonly kind: 'kill'; readonly running: number }
);

export interface Scenario {
  readonly title: string;
  /** Run the policy's own deployment programs: only where the scenario's author says that they are harmless. */
  readonly ownPrograms: boolean;
  /** In order of time. */
  readonly moments: readonly Moment[];
  /** Kinds of events without which the rehearsal has shown less than it promises. */
  readonly expects: readonly AuditKind[];
  /** What could not be shown with this policy, in sentences. */
  readonly missing: readonly string[];
}

const ci =
  /^(?:(build|rebuild) (\S+) (\S+)|(deployed) (\S+) (\S+) to (\S+)|(verified|observed) (\S+) (\S+) in (\S+))$/;
const text = z.string().trim().min(1).max(500);
const at = weeklyTime;

const Entry = z.union(
  [
    z.strictObject({ at, as: text, say: text }),
    z.strictObject({ at, as: text, press: text, on: text }),
    z.strictObject({
      at,
      ci: text.regex(
        ci,
        'is none of: build S V · rebuild S V · deployed S V to E · verified S V in E · observed S V in E',
      ),
      outcome: z.enum(['pass', 'fail']).default('pass'),
      comment: text.optional(),
      builder: text.optional(),
    }),
    z.strictObject({ at, break: text.regex(/^\S+ \S+$/, 'is not a service and a verb'), because: text }),
    z.strictObject({ at, kill: z.literal('bot'), running: z.int().min(1).default(1) }),
  ],
  {
    error:
      'is none of: {as, say} · {as, press, on} · {ci} · {break, because} · {kill}; each with at: Monday 09:10',
  },
);

const File = z.strictObject({
  title: text,
  programs: z.literal('own').optional(),
  expects: z.array(z.enum(auditKinds)).default([]),
  week: z.array(Entry).min(1),
});

export class FaultyScenario extends Error {
  readonly code = 'faulty-scenario';
  constructor(faults: readonly string[]) {
    super(faults.join('\n'));
    this.name = 'FaultyScenario';
  }
}

/** A script in YAML, for the week that begins with `monday`. Throws `FaultyScenario` with all faults. */
export const readScenario = (yaml: string, file: string, policy: Policy, monday: LocalDate): Scenario => {
  const { file: read, faults } = readYaml(yaml);
  const broken = faults.filter(({ severity }) => severity === 'error');
  if (read === undefined || broken.length > 0)
    throw new FaultyScenario(
      broken.map(({ line, column, message }) => `${file}:${line}:${column} ${message}`),
    );
  const parsed = File.safeParse(read.value);
  const place = (path: Fault['path'] | readonly PropertyKey[], message: string): string => {
    const steps = [...path].map((step) => (typeof step === 'number' ? step : String(step)));
    const { line, column } = read.locate(steps, 'value');
    return `${file}:${line}:${column} ${formatPath(steps)}: ${message}`;
  };
  if (!parsed.success)
    throw new FaultyScenario(parsed.error.issues.map(({ path, message }) => place(path, message)));
  const { title, programs, expects, week } = parsed.data;
  const unknown = week.flatMap((entry, i) =>
    unknownNames(entry, policy).map((name) => place(['week', i], name)),
  );
  if (unknown.length > 0) throw new FaultyScenario(unknown);
  const moments = week.map((entry) => momentOf(entry, policy, monday));
  return {
    title,
    ownPrograms: programs === 'own',
    moments: inOrder(moments),
    expects,
    missing: [],
  };
};

/** By time; what is at the same time stays in the order it was written. */
export const inOrder = (moments: readonly Moment[]): readonly Moment[] =>
  moments.toSorted((a, b) => a.at.getTime() - b.at.getTime());

type Entry = z.infer<typeof Entry>;

const momentOf = (entry: Entry, policy: Policy, monday: LocalDate): Moment => {
  const local = localAfterMonday(monday, minuteOfWeek(entry.at));
  const when = { at: resolveLocal(local, policy.timezone).at };
  if ('say' in entry) return { ...when, kind: 'say', person: entry.as, text: entry.say };
  if ('press' in entry)
    return { ...when, kind: 'press', person: entry.as, label: entry.press, service: entry.on };
  if ('kill' in entry) return { ...when, kind: 'kill', running: entry.running };
  if ('break' in entry) {
    const [service = '', verb = ''] = entry.break.split(' ');
    return { ...when, kind: 'break', service, verb, reason: entry.because };
  }
  const { outcome, comment, builder } = entry;
  return {
    ...when,
    kind: 'report',
    report: {
      ...reported(entry.ci),
      outcome,
      ...(comment === undefined ? {} : { comment }),
      ...(builder === undefined ? {} : { builder }),
    },
  };
};

const reported = (
  words: string,
): Pick<SystemReport, 'kind' | 'service' | 'version' | 'environment' | 'again'> => {
  const [, build, s1 = '', v1 = '', deployed, s2 = '', v2 = '', e2 = '', read, s3 = '', v3 = '', e3 = ''] =
    ci.exec(words) ?? [];
  if (build !== undefined) return { kind: 'build', service: s1, version: v1, again: build === 'rebuild' };
  if (deployed !== undefined)
    return { kind: 'deployed', service: s2, version: v2, environment: e2, again: false };
  const kind = read === 'observed' ? 'observed' : 'verified';
  return { kind, service: s3, version: v3, environment: e3, again: false };
};

const unknownNames = (entry: Entry, policy: Policy): readonly string[] => {
  const people = 'as' in entry ? [entry.as] : [];
  const services = 'ci' in entry ? [reported(entry.ci).service] : 'on' in entry ? [entry.on] : [];
  return [
    ...people.filter((id) => !policy.people.has(id)).map((id) => `there is no person "${id}"`),
    ...services.filter((name) => !policy.services.has(name)).map((name) => `there is no service "${name}"`),
  ];
};
