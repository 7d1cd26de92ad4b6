import type { Policy, Service } from './policy.ts';

/** What was asked for past the rules. `late`: back on a train that was missed · `emergency`: outside every window. */
export const exceptionKinds = ['late', 'emergency', 'fix-first'] as const;
export type ExceptionKind = (typeof exceptionKinds)[number];

/** `used`: something went to production by it · `expired`: nothing did. */
export type ExceptionOutcome = 'used' | 'expired';

export interface ExceptionRecord {
  readonly kind: ExceptionKind;
  /** `CHG-9` */
  readonly subject: string;
  readonly train: string;
  readonly service: string;
  readonly team: string;
  /** Who asked. */
  readonly person: string;
  readonly reason: string;
  readonly askedAt: Date;
  /** Null while it is open. */
  readonly outcome: ExceptionOutcome | null;
}

/** Whose exceptions and debts a service's are: its team's, or its own when it has none. */
export const teamOf = (service: Pick<Service, 'name' | 'team'>): string => service.team ?? service.name;

/** Of a service that may have left the policy. */
export const teamOfService = (policy: Policy, name: string): string =>
  teamOf(policy.services.get(name) ?? { name });

/** How often each team asked for an exception, the most frequent first; `used` of them changed production. */
export interface TeamCount {
  readonly team: string;
  readonly asked: number;
  readonly used: number;
  /** Asked for, by train, in the order of `trains`. */
  readonly byTrain: readonly number[];
}

export interface ExceptionReport {
  /** Oldest first. */
  readonly trains: readonly string[];
  readonly teams: readonly TeamCount[];
}

/** Of the newest `most` trains that had any, so that it can be seen whether they become rarer. */
export const countExceptions = (records: readonly ExceptionRecord[], most = 6): ExceptionReport => {
  const inOrder = [...records].sort((a, b) => a.askedAt.getTime() - b.askedAt.getTime());
  const trains = [...new Set(inOrder.map(({ train }) => train))].slice(-most);
  const shown = inOrder.filter(({ train }) => trains.includes(train));
  const teams = [...new Set(shown.map(({ team }) => team))].map((team): TeamCount => {
    const own = shown.filter((record) => record.team === team);
    return {
      team,
      asked: own.length,
      used: own.filter(({ outcome }) => outcome === 'used').length,
      byTrain: trains.map((train) => own.filter((record) => record.train === train).length),
    };
  });
  return { trains, teams: teams.sort((a, b) => b.asked - a.asked || (a.team < b.team ? -1 : 1)) };
};
