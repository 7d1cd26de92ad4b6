import type { AuditEntry } from '../domain/audit.ts';
import { changeName, deploymentName } from '../domain/change.ts';
import { expectedDuration } from '../domain/phases.ts';
import type { Policy } from '../domain/policy.ts';
import { trainById, trainToBoard } from '../domain/train.ts';
import { verbOf } from './program.ts';
import type { Rehearsed } from './rehearsed.ts';
import { storyOf } from './story.ts';
import { isAction } from './verbs.ts';

export interface Breach {
  readonly law: string;
  readonly text: string;
}

/** What is checked when a rehearsal is over, from the record, the tables and the programs' own ledger. */
export const laws: Readonly<Record<string, { readonly text: string; readonly check: Check }>> = {
  L1: {
    text: 'deployments started only in an open window, with a go and complete papers; emergencies with theirs',
    check: oneGate,
  },
  L2: { text: 'no step ran twice: the programs’ own ledger agrees with the record', check: exactlyOnce },
  L3: { text: 'the instant of arrival decided: trains and verdicts agree with it', check: judgedByArrival },
  L4: { text: 'the bytes that were judged are the bytes that run', check: sameBytes },
  L6: { text: 'nobody filled two seats or signed for their own change', check: oneHumanOneSeat },
  L7: { text: 'every decision was made by somebody whose role it is', check: roles },
  L8: { text: 'nothing that was acknowledged is missing', check: nothingLost },
  L9: { text: 'every rollback went through at once', check: rollbacksFree },
  L12: { text: 'the record is whole, and it explains every state', check: onTheRecord },
  phases: { text: 'no phase began before the one before had baked and was promoted', check: phasesBaked },
  order: { text: 'nothing was deployed before what it depends on', check: dependencyOrder },
};

type Check = (rehearsed: Rehearsed) => readonly string[];

export const checkLaws = (rehearsed: Rehearsed): readonly Breach[] =>
  Object.entries(laws).flatMap(([law, { check }]) => check(rehearsed).map((text) => ({ law, text })));

export const lawLines: readonly string[] = Object.entries(laws).map(([law, { text }]) => `${law} ${text}`);

const startsIn = (entries: readonly AuditEntry[]) =>
  entries.flatMap((entry, index) => (entry.kind === 'deployment-started' ? [{ entry, index }] : []));

function oneGate({ policy, entries, deployments }: Rehearsed): readonly string[] {
  return startsIn(entries).flatMap(({ entry, index }) => {
    const { deployment = '', change = '' } = entry;
    const before = entries.slice(0, index);
    const train = trainById(policy, entry.train ?? '');
    const story = storyOf(change, before);
    const plan = deployments.find(({ id }) => deploymentName(id) === deployment)?.plan;
    if (train === undefined || story === undefined || plan === undefined)
      return [`${deployment} started for something that the record does not know`];
    // No window, cutoff or go is for an emergency: its seats are, and a build.
    if (story.type === 'emergency')
      return [{ kind: 'build' as const }, { kind: 'approvals' as const }].flatMap((requirement) => {
        const what = story.lacks(requirement, policy);
        return what === undefined ? [] : [`${deployment} started as an emergency without ${what}`];
      });
    const at = new Date(entry.at);
    const end = at.getTime() + expectedDuration(plan) + plan.reserve;
    const window = train.windows
      .flatMap(({ open }) => open)
      .find(({ from, until }) => from <= at && end <= until.getTime());
    const open = train.cutoffs.filter(
      ({ name }) =>
        !before.some(
          (e) => e.kind === 'cutoff-closed' && e.train === train.id && e.facts?.['cutoff'] === name,
        ),
    );
    const lacking = [
      ...train.cutoffs.flatMap(({ requires }) => requires),
      { kind: 'approvals' as const },
    ].flatMap((requirement) => story.lacks(requirement, policy) ?? []);
    return [
      ...(window === undefined
        ? [`${deployment} started at ${entry.at}, when no window had room for it`]
        : []),
      ...(story.go === 'go' ? [] : [`${deployment} started without a go`]),
      ...open.map(({ name }) => `${deployment} started before ${name} had closed`),
      ...[...new Set(lacking)].map((what) => `${deployment} started without ${what}`),
    ];
  });
}

function exactlyOnce({ deployments, runs, ledger }: Rehearsed): readonly string[] {
  const recorded = new Map<string, { least: number; most: number }>();
  for (const run of runs) {
    const deployment = deployments.find(({ id }) => id === run.deployment);
    const step = deployment?.plan.steps[run.step];
    const command = run.direction === 'do' ? step?.run : step?.undo;
    const key = `${verbOf(command ?? { executor: 'command', command: [] })} of ${deploymentName(run.deployment)}`;
    const count = recorded.get(key) ?? { least: 0, most: 0 };
    // Of a step that nobody could know about, the program may or may not have begun.
    const certain = run.state === 'succeeded' || run.state === 'failed';
    recorded.set(key, { least: count.least + (certain ? 1 : 0), most: count.most + 1 });
  }
  const done = new Map<string, number>();
  for (const { verb, deployment } of ledger) {
    const key = `${verb} of ${deployment}`;
    done.set(key, (done.get(key) ?? 0) + 1);
  }
  return [...new Set([...recorded.keys(), ...done.keys()])].flatMap((key) => {
    const { least, most } = recorded.get(key) ?? { least: 0, most: 0 };
    const times = done.get(key) ?? 0;
    return least <= times && times <= most ? [] : [`${key} ran ${times} times, the record has ${most}`];
  });
}

function judgedByArrival({ policy, entries }: Rehearsed): readonly string[] {
  const boarding = entries.flatMap((entry) => {
    if (entry.kind !== 'submitted') return [];
    const rule = (entry.train ?? '').replace(/-\d{4}-W\d{2}$/, '');
    const expected = trainToBoard(policy, new Date(entry.at), rule)?.id;
    return expected === entry.train
      ? []
      : [`${entry.change} arrived for ${expected} and boarded ${entry.train}`];
  });
  const verdicts = entries.flatMap((entry) => {
    if (entry.kind !== 'cutoff-closed') return [];
    const name = String(entry.facts?.['cutoff']);
    const cutoff = trainById(policy, entry.train ?? '')?.cutoffs.find((c) => c.name === name);
    if (cutoff === undefined) return [`${entry.train} has no cutoff ${name}`];
    const arrived = entries.filter(({ at }) => new Date(at) < cutoff.at);
    const lacking = (change: string): readonly string[] => {
      const story = storyOf(change, arrived);
      return story === undefined
        ? ['a submission']
        : cutoff.requires.flatMap((requirement) => story.lacks(requirement, policy) ?? []);
    };
    const ready = entry.facts?.['ready'];
    const moved = entries.filter(
      (e) =>
        e.kind === 'moved' &&
        e.at === entry.at &&
        e.facts?.['from'] === entry.train &&
        e.actor === entry.actor,
    );
    return [
      ...(new Date(entry.at).getTime() === cutoff.at.getTime()
        ? []
        : [`${name} was judged as of ${entry.at}`]),
      ...(Array.isArray(ready) ? ready.map(String) : [])
        .map((change) => ({ change, missing: lacking(change) }))
        .filter(({ missing }) => missing.length > 0)
        .map(({ change, missing }) => `${change} passed ${name} without ${missing.join(', ')}`),
      ...moved
        .filter(({ change = '' }) => lacking(change).length === 0)
        .map(({ change }) => `${change} was moved by ${name} with complete papers`),
    ];
  });
  return [...boarding, ...verdicts];
}

function sameBytes({ entries, deployments, ledger, live }: Rehearsed): readonly string[] {
  const judged = startsIn(entries).flatMap(({ entry, index }) => {
    const started = String(entry.facts?.['artifact']);
    const story = storyOf(entry.change ?? '', entries.slice(0, index));
    return story?.artifact === started ? [] : [`${entry.deployment} started with bytes that nobody judged`];
  });
  const used = ledger.flatMap(({ verb, artifact, deployment }) => {
    const row = deployments.find(({ id }) => deploymentName(id) === deployment);
    return row?.artifact === artifact ? [] : [`${verb} of ${deployment} was given other bytes`];
  });
  const started = deployments.filter(({ startedAt }) => startedAt !== null);
  const running = [...new Set(started.map(({ service }) => service))].flatMap((service) => {
    const all = started.filter((d) => d.service === service);
    const last = all.at(-1);
    const good = all.findLast(({ state }) => state === 'succeeded');
    // What a deployment that came to no end left behind is for people to find out.
    if (last === undefined || !['succeeded', 'rolled-back'].includes(last.state)) return [];
    const expected = good?.artifact ?? 'nothing';
    const actual = live.get(service) ?? 'nothing';
    return actual === expected ? [] : [`${service} runs ${actual} and not ${expected}`];
  });
  return [...judged, ...used, ...running];
}

function oneHumanOneSeat({ entries }: Rehearsed): readonly string[] {
  return entries.flatMap((entry, index) => {
    if (entry.kind !== 'approval') return [];
    const story = storyOf(entry.change ?? '', entries.slice(0, index));
    return [
      ...(story?.requester === entry.actor
        ? [`${entry.actor} signed for the own change ${entry.change}`]
        : []),
      ...(story?.signers.includes(entry.actor) ? [`${entry.actor} signed twice for ${entry.change}`] : []),
    ];
  });
}

function roles({ policy, entries }: Rehearsed): readonly string[] {
  return entries.flatMap((entry) => {
    const allowed = rolesFor(entry, policy);
    return allowed === undefined || allowed.some((role) => policy.roles.get(role)?.includes(entry.actor))
      ? []
      : [
          `${entry.actor} is no ${allowed.join(' or ')}, and decided ${entry.kind} of ${entry.change ?? entry.train}`,
        ];
  });
}

/** Undefined: it is nobody's privilege. */
const rolesFor = ({ kind, facts = {} }: AuditEntry, policy: Policy): readonly string[] | undefined => {
  if (kind === 'go' || kind === 'nogo') return policy.releaseManagers;
  if (kind === 'veto') return policy.vetoes;
  if (kind !== 'evidence') return undefined;
  if (facts['kind'] === 'date-approved') return policy.releaseManagers;
  return facts['kind'] === 'sign-off' ? [String(facts['role'])] : undefined;
};

function nothingLost({ requests, acknowledged }: Rehearsed): readonly string[] {
  return [
    ...acknowledged.reports
      .filter((id) => !requests.has(`hook:${id}`))
      .map((id) => `the report ${id} is lost`),
    ...acknowledged.requests
      .filter(({ id, words, refused }) => isAction(words) && !requests.has(refused ? `${id}/refused` : id))
      .map(({ person, words }) => `what ${person} asked is lost: ${words}`),
  ];
}

function rollbacksFree({ entries }: Rehearsed): readonly string[] {
  return entries.flatMap((entry, index) => {
    const later = entries.slice(index + 1).filter(({ deployment }) => deployment === entry.deployment);
    if (entry.kind === 'step-finished' && entry.outcome === 'failed' && entry.facts?.['direction'] === 'do')
      return later.some(({ kind }) => kind === 'rolling-back' || kind === 'old-side-refreshed')
        ? []
        : [`${entry.deployment} failed and was not turned back`];
    if (entry.kind !== 'rolling-back') return [];
    const end = later.findIndex(
      ({ kind, outcome }) =>
        kind === 'rolled-back' || (kind === 'deployment-finished' && outcome === 'failed'),
    );
    return [
      ...(end === -1 ? [`${entry.deployment} was turned back and came to no end`] : []),
      ...(later.slice(0, Math.max(0, end)).some(({ kind }) => kind === 'held')
        ? [`the rollback of ${entry.deployment} was held`]
        : []),
    ];
  });
}

function onTheRecord({ entries, verdict, changes, deployments }: Rehearsed): readonly string[] {
  const chain = verdict.ok
    ? verdict.entries === entries.length
      ? []
      : [`the chain has ${verdict.entries} entries, ${entries.length} were read`]
    : [`entry ${verdict.seq} of the chain was ${verdict.reason}`];
  const explained = changes.flatMap((change) => {
    const name = changeName(change.id);
    const story = storyOf(name, entries);
    const same = story?.train === change.train && story.artifact === (change.artifact ?? '');
    return same ? [] : [`${name} is not as the record tells it`];
  });
  const ended = deployments
    .filter(({ state }) => state === 'succeeded' || state === 'rolled-back' || state === 'failed')
    .filter(({ id, state }) => {
      const end = entries.findLast(
        ({ kind, deployment }) =>
          (kind === 'deployment-finished' || kind === 'rolled-back') && deployment === deploymentName(id),
      );
      return end?.outcome !== state;
    });
  return [
    ...chain,
    ...explained,
    ...ended.map(({ id, state }) => `the record does not say that ${deploymentName(id)} is ${state}`),
  ];
}

function dependencyOrder({ policy, entries, deployments }: Rehearsed): readonly string[] {
  const rowOf = (name: string | undefined) => deployments.find(({ id }) => deploymentName(id) === name);
  return startsIn(entries).flatMap(({ entry, index }) => {
    const row = rowOf(entry.deployment);
    // Waits for nothing but its signatures.
    if (storyOf(entry.change ?? '', entries)?.type === 'emergency') return [];
    const needs = policy.services.get(entry.service ?? '')?.dependsOn ?? [];
    return deployments
      .filter((other) => other.train === entry.train && other.state !== 'cancelled')
      .filter(
        (other) =>
          needs.includes(other.service) && other.service !== entry.service && other.unit !== row?.unit,
      )
      .filter(
        (other) =>
          !entries
            .slice(0, index)
            .some(
              ({ kind, outcome, deployment }) =>
                kind === 'deployment-finished' &&
                outcome === 'succeeded' &&
                deployment === deploymentName(other.id),
            ),
      )
      .map((other) => `${entry.deployment} (${entry.service}) started before ${other.service} was deployed`);
  });
}

/** From the instants of the record alone: when a phase had all that it has, when it was promoted, when the next began. */
function phasesBaked({ entries, deployments }: Rehearsed): readonly string[] {
  return deployments.flatMap(({ id, plan: { phases = [], steps } }) => {
    const name = deploymentName(id);
    const own = entries.filter(({ deployment }) => deployment === name);
    const of = (kind: AuditEntry['kind'], phase: number, isCheck: boolean) =>
      own.filter(
        ({ kind: each, facts = {} }) =>
          each === kind &&
          facts['direction'] === 'do' &&
          steps.some((s) => s.name === facts['step'] && s.phase === phase && (s.check === true) === isCheck),
      );
    return phases.flatMap(({ name: phase, bake }, i) => {
      const next = of('step-started', i + 1, false)[0];
      if (next === undefined) return [];
      const done = of('step-finished', i, false).at(-1);
      const check = of('step-finished', i, true).at(-1);
      const promoted = own.find(({ kind, facts }) => kind === 'promoted' && facts?.['phase'] === phase);
      const baked = done === undefined ? undefined : Date.parse(done.at) + bake;
      return [
        ...(baked !== undefined && Date.parse(next.at) >= baked
          ? []
          : [`${name} left ${phase} before it had baked`]),
        ...(check?.outcome === 'succeeded' ? [] : [`${name} left ${phase} though it was not healthy`]),
        ...(promoted !== undefined && promoted.at <= next.at
          ? []
          : [`${name} left ${phase} without a promotion`]),
      ];
    });
  });
}
