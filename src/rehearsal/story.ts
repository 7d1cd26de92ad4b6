import type { AuditEntry } from '../domain/audit.ts';
import type { Go } from '../domain/change.ts';
import type { Policy, Requirement } from '../domain/policy.ts';
import { requirementName } from '../domain/requirement.ts';

/**
 * One change as the record alone tells it, up to some point. Nothing here is taken from the code that judged the
 * change in the first place: whoever marks a paper does not copy from it.
 */
export interface Story {
  readonly requester: string;
  readonly service: string;
  readonly type: string;
  readonly version: string;
  readonly train: string;
  readonly artifact: string;
  /** Who signs for these very bytes on this very train. */
  readonly signers: readonly string[];
  readonly vetoes: readonly string[];
  readonly rejections: readonly string[];
  readonly go: Go | undefined;
  /** Why a requirement is not met; undefined when it is. */
  lacks(requirement: Requirement, policy: Policy): string | undefined;
}

interface Signature {
  readonly artifact: string;
  readonly train: string;
}

/** Undefined when the record does not begin with a submission of the change. */
export const storyOf = (name: string, entries: readonly AuditEntry[]): Story | undefined => {
  const submitted = entries.find(
    ({ kind, change }) => (kind === 'submitted' || kind === 'emergency') && change === name,
  );
  if (submitted === undefined) return undefined;
  const text = (entry: AuditEntry, fact: string): string => String(entry.facts?.[fact] ?? '');
  const version = text(submitted, 'version');
  const service = submitted.service ?? '';
  let artifact = text(submitted, 'artifact');
  let train = submitted.train ?? '';
  let own: Go | undefined;
  let isLate = false;
  const trains = new Map<string, Go>();
  const signatures = new Map<string, Signature>();
  const vetoes = new Set<string>();
  const rejections = new Map<string, Signature>();
  /** The last word on each thing, by what it is about. */
  const evidence = new Map<string, { readonly outcome: string; readonly builder: string }>();

  for (const entry of entries) {
    const mine = entry.change === name;
    const { actor } = entry;
    switch (entry.kind) {
      case 'artifact-changed':
        if (mine) artifact = text(entry, 'to');
        break;
      case 'moved':
      case 'late':
        if (mine) {
          train = entry.train ?? '';
          own = undefined;
          isLate = entry.kind === 'late';
        }
        break;
      case 'approval':
        if (mine) signatures.set(actor, { artifact, train });
        break;
      case 'rejection':
        if (mine) {
          signatures.delete(actor);
          rejections.set(actor, { artifact, train });
        }
        break;
      case 'veto':
        if (mine) vetoes.add(actor);
        break;
      case 'rescinded':
        if (mine) for (const all of [signatures, vetoes, rejections]) all.delete(actor);
        break;
      case 'go':
      case 'nogo':
        if (mine) own = entry.kind;
        else if (entry.change === undefined) trains.set(entry.train ?? '', entry.kind);
        break;
      case 'evidence': {
        if (entry.service !== service) break;
        const kind = text(entry, 'kind');
        const about =
          kind === 'records'
            ? mine && 'records'
            : kind === 'date-approved'
              ? mine && `date-approved ${train}`
              : [
                  kind,
                  text(entry, 'environment'),
                  text(entry, 'role'),
                  text(entry, 'platform'),
                  // A report by version alone is about the version's bytes of that moment.
                  text(entry, 'artifact') || (text(entry, 'version') === version ? artifact : ''),
                ].join(' ');
        if (about !== false)
          evidence.set(about, { outcome: entry.outcome ?? '', builder: text(entry, 'builder') });
        break;
      }
    }
  }

  const isCurrent = (given: Signature): boolean => given.artifact === artifact && given.train === train;
  const requester = submitted.actor;
  const type = submitted.kind === 'emergency' ? 'emergency' : text(submitted, 'type');
  const signers = [...signatures].flatMap(([person, given]) => (isCurrent(given) ? [person] : []));
  const against = [...rejections].flatMap(([person, given]) => (isCurrent(given) ? [person] : []));
  const go = trains.get(train) === 'nogo' ? 'nogo' : (own ?? trains.get(train));

  const lacks = (requirement: Requirement, policy: Policy): string | undefined => {
    const what = requirementName(requirement);
    const passed = (about: string): boolean => evidence.get(about)?.outcome === 'pass';
    switch (requirement.kind) {
      case 'milestones':
        return undefined;
      case 'records':
        return passed('records') ? undefined : what;
      // Is read off the world, not off the change's papers.
      case 'mirror':
        return undefined;
      // The builders are told apart by the bot only.
      case 'reproduced':
        return undefined;
      case 'date-approved':
        return passed(`date-approved ${train}`) ? undefined : what;
      case 'sign-off':
        return passed(`sign-off  ${requirement.role}  ${artifact}`) ? undefined : what;
      case 'approvals': {
        const rules = [type, ...(isLate ? ['late'] : [])].flatMap((rule) => policy.approvals.get(rule) ?? []);
        const seats = rules.flatMap(({ role, count }) =>
          Array.from({ length: count }, () => policy.roles.get(role) ?? []),
        );
        const free = signers.filter((person) => person !== requester && !against.includes(person));
        if (vetoes.size > 0) return `${what}: vetoed by ${[...vetoes].join(', ')}`;
        if (against.length > 0) return `${what}: rejected by ${against.join(', ')}`;
        return canSeat(seats, free) ? undefined : `${what}: signed by ${free.join(', ') || 'nobody'}`;
      }
      case 'build':
      case 'deployed':
      case 'verified': {
        const environment = requirement.kind === 'build' ? '' : requirement.environment;
        const missing = (policy.services.get(service)?.platforms ?? []).filter((platform) => {
          const about = `${requirement.kind} ${environment}  ${platform} ${artifact}`;
          const trusted =
            requirement.kind !== 'build' ||
            policy.trustedBuilders.length === 0 ||
            policy.trustedBuilders.includes(evidence.get(about)?.builder ?? '');
          return artifact === '' || !passed(about) || !trusted;
        });
        return missing.length === 0 ? undefined : `${what} on ${missing.join(', ')}`;
      }
    }
  };
  return {
    requester,
    service,
    type,
    version,
    train,
    artifact,
    signers,
    vetoes: [...vetoes],
    rejections: against,
    go,
    lacks,
  };
};

/** Whether different people can take all the seats; seats are few, so every way is tried. */
const canSeat = (seats: readonly (readonly string[])[], people: readonly string[]): boolean => {
  const [seat, ...rest] = seats;
  return (
    seat === undefined ||
    people.some(
      (person) =>
        seat.includes(person) &&
        canSeat(
          rest,
          people.filter((other) => other !== person),
        ),
    )
  );
};
