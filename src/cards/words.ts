import type { Span, Text } from '../chat/card.ts';
import { code } from '../chat/card.ts';
import { assertNever } from '../domain/assert-never.ts';
import type { Excuse } from '../domain/excuse.ts';
import type { PersonId, Policy, RoleName } from '../domain/policy.ts';
import type { Mover } from '../domain/refusal.ts';
import { day, formatLocal, hour, minute, second } from '../domain/time.ts';

/** The vocabulary that every card shares. Texts are phrases: no capital at the start, no full stop at the end. */

/** `3 h 20 min`, `45 s`: the two largest units, rounded down. */
export const duration = (ms: number): string => {
  const left = Math.abs(Math.trunc(ms / second)) * second;
  const units = [
    { size: day, name: 'd' },
    { size: hour, name: 'h' },
    { size: minute, name: 'min' },
    { size: second, name: 's' },
  ];
  const first = units.findIndex(({ size }) => left >= size);
  if (first === -1) return '0 s';
  return units
    .slice(first, first + 2)
    .map(({ size, name }, i) => ({
      n: Math.floor((i === 0 ? left : left % (units[first]?.size ?? 1)) / size),
      name,
    }))
    .filter(({ n }) => n > 0)
    .map(({ n, name }) => `${n} ${name}`)
    .join(' ');
};

export const dayTime = (at: Date): Span => ({ kind: 'time', at, style: 'day-time' });
export const clockTime = (at: Date): Span => ({ kind: 'time', at, style: 'time' });

/** An instant as JSON has it; what is none is shown as it is. */
export const instant = (iso: string): Span => {
  const at = new Date(iso);
  return Number.isNaN(at.getTime()) ? clip(iso, 40) : dayTime(at);
};

/**
 * A posted card is not redrawn every minute, so what is left says at what time it was left; it counts from the minute
 * that is shown, so that the two agree.
 */
export const timeLeft = (at: Date, now: Date): Text => {
  if (at <= now) return ['time is up'];
  const shown = Math.floor(now.getTime() / minute) * minute;
  const left = at.getTime() - now.getTime() < minute ? 'less than 1 min' : duration(at.getTime() - shown);
  return [`${left} left at `, clockTime(now)];
};

export const personSpan = (id: PersonId, policy: Policy, mention = false): Span => {
  const known = policy.people.get(id);
  if (known === undefined) return id;
  return { kind: 'person', person: id, name: known.name, ...(mention ? { mention } : {}) };
};

export const people = (ids: readonly PersonId[], policy: Policy, last: 'and' | 'or' = 'and'): Text =>
  joined(
    unique(ids).map((id) => [personSpan(id, policy)]),
    last,
  );

/** `qa` is QA; `release-manager` is "release manager". */
export const roleName = (name: RoleName): string =>
  /^[a-z]{2}$/.test(name) ? name.toUpperCase() : name.replaceAll('-', ' ');

/** With its members, when they are few enough to be asked by name: `operations (Omar or Olga)`. */
export const roleText = (name: RoleName, policy: Policy): Text => {
  const members = policy.roles.get(name) ?? [];
  if (members.length === 0) return [roleName(name), ' (nobody has this role)'];
  return members.length > 3
    ? [roleName(name)]
    : [roleName(name), ' (', ...people(members, policy, 'or'), ')'];
};

/** Empty when it is nobody's move: a time comes, or a deployment ends, by itself. */
export const moversText = (movers: readonly Mover[], policy: Policy): Text => {
  const texts = movers.flatMap((mover): readonly Text[] => {
    switch (mover.kind) {
      case 'person':
        return [[personSpan(mover.person, policy)]];
      case 'role':
        return [roleText(mover.role, policy)];
      case 'system':
        return mover.system === 'clock' || mover.system === 'deployment' ? [] : [[systemName(mover.system)]];
      default:
        return assertNever(mover);
    }
  });
  const seen = new Map(texts.map((text) => [JSON.stringify(text), text]));
  return joined([...seen.values()], 'or');
};

const systemName = (name: string): string => (name === 'ci' ? 'CI' : name);

/** ` — Dana or CI`, or nothing. */
export const move = (movers: readonly Mover[], policy: Policy): Text => {
  const text = moversText(movers, policy);
  return text.length === 0 ? [] : [' — ', ...text];
};

/** A requirement as the policy writes it, as what is then true: `deployed:test` is "deployed to test". */
export const requirementText = (requirement: string): string => {
  const colon = requirement.indexOf(':');
  const kind = colon === -1 ? requirement : requirement.slice(0, colon);
  const of = requirement.slice(kind.length + 1);
  switch (kind) {
    case 'build':
      return 'built';
    case 'deployed':
      return `deployed to ${of}`;
    case 'verified':
      return `verified in ${of}`;
    case 'mirror':
      return `${of} like production`;
    case 'sign-off':
      return `signed off by ${roleName(of)}`;
    case 'records':
      return 'records ready';
    case 'date-approved':
      return 'date approved';
    case 'approvals':
      return 'approved';
    case 'milestone':
      return `milestone ${of} there`;
    case 'milestones':
      return 'all there that it waits for';
    default:
      return spaced(requirement);
  }
};

const parts: Readonly<Record<string, string>> = {
  artifact: 'the artifact',
  plan: 'the deployment plan',
  window: 'the window',
  records: 'the records',
  rule: 'the approval rule',
};

/** What changed since an approval was given: `the artifact and the window`. */
export const partsText = (changed: readonly string[]): string =>
  changed.length === 0 ? 'the change' : list(changed.map((part) => parts[part] ?? spaced(part)));

/** `in-test` is “in test”. */
export const cutoffName = (name: string): string => `“${spaced(name)}”`;
export const spaced = (name: string): string => name.replaceAll('-', ' ');
/** A whole sentence; what asks keeps its question mark. */
export const sentence = (text: string): string => (/[.?!…]$/.test(text) ? text : `${text}.`);
export const count = (n: number, one: string, many = `${one}s`): string => `${n} ${n === 1 ? one : many}`;
export const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
export const unique = <T>(values: readonly T[]): readonly T[] => [...new Set(values)];

/** What people wrote, in quotes and no longer than a card can bear. */
export const quoted = (text: string): string => `“${clip(text, 300)}”`;

export const clip = (text: string, most: number): string =>
  [...text].length > most ? `${[...text].slice(0, most - 1).join('')}…` : text;

/** `a, b and c`; of many, the first ones `and 12 more`. */
export const joined = (texts: readonly Text[], last: 'and' | 'or' = 'and', most = 12): Text => {
  const rest = texts.length - most;
  const shown: readonly Text[] = rest > 1 ? [...texts.slice(0, most), [`${rest} more`]] : texts;
  return shown.flatMap((text, i) => {
    if (i === 0) return text;
    return [i === shown.length - 1 ? ` ${rest > 1 ? 'and' : last} ` : ', ', ...text];
  });
};

export const list = (words: readonly string[], last: 'and' | 'or' = 'and', most = 12): string =>
  joined(
    words.map((word) => [word]),
    last,
    most,
  ).join('');

/** ` → \`change approve CHG-3\``: what to type. */
export const how = (action: Excuse['action']): Text =>
  action === undefined ? [] : [' → ', code([action.verb, action.subject, ...(action.args ?? [])].join(' '))];

/** For summaries: names as they are, times in the policy's zone. */
export const plain = (text: Text, policy: Policy): string =>
  text
    .map((span) => {
      if (typeof span === 'string') return span;
      switch (span.kind) {
        case 'time':
          return formatLocal(span.at, policy.timezone);
        case 'person':
          return span.name;
        case 'bold':
        case 'code':
        case 'link':
          return span.text;
        default:
          return assertNever(span);
      }
    })
    .join('');

/** What else the person did, so that this is not for them: `worked on it (cannotApproveOwn)`. */
export const separationText = (rule: string): string =>
  `${separated[rule] ?? 'has another part in it'} (${rule})`;

const separated: Readonly<Record<string, string>> = {
  cannotApproveOwn: 'worked on it',
  approverNotTester: 'tested it',
  testerNotAuthor: 'worked on it',
  deployerNotAuthor: 'worked on it',
  deployerNotApprover: 'signed for it',
};
