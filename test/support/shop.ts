import type { Policy } from '../../src/domain/policy.ts';
import { loadPolicy } from '../../src/policy/load.ts';

export interface ShopOptions {
  readonly concurrency?: number;
  readonly capacity?: number;
  /** Lines under `freezes:`. */
  readonly freezes?: readonly string[];
  /** Further lines under `services:`. */
  readonly services?: readonly string[];
  /** Seats of `normal`. */
  readonly seats?: string;
  readonly roles?: Readonly<Record<string, string>>;
  readonly switchTimeout?: string;
  /** Expected duration of the step `prepare`. */
  readonly expected?: string;
  readonly inTestAt?: string;
  readonly inTestRequires?: string;
  readonly readyRequires?: string;
}

/** The instants of its train `weekly-2026-W48`. */
export const week48 = {
  train: 'weekly-2026-W48',
  next: 'weekly-2026-W49',
  monday: '2026-11-23T09:00:00.000Z',
  inTest: '2026-11-25T12:00:00.000Z',
  ready: '2026-11-27T10:00:00.000Z',
  meeting: '2026-11-27T11:00:00.000Z',
  opens: '2026-11-28T22:00:00.000Z',
  closes: '2026-11-29T02:00:00.000Z',
} as const;

export const trusted = 'https://ci.shop.example/release';

/**
 * A small shop in UTC: `web` needs `api` needs `db`, `left` and `right` need each other, `multi` has two platforms,
 * `alone` nothing. Steps are `./step.sh NAME SERVICE`: prepare (undo clean), check (no undo), switch (undo back).
 */
export const shop = (options: ShopOptions = {}): string => `
timezone: UTC
environments: [test, preproduction, production]
people:
  rita: { slack: U01RITA }
  remy: {}
  omar: {}
  olga: {}
  quinn: {}
  quincy: {}
  dana: {}
  dev: {}
  mira: {}
  pia: {}
roles:
  release-manager: ${options.roles?.['release-manager'] ?? '[rita, remy]'}
  operations: ${options.roles?.['operations'] ?? '[omar, olga]'}
  qa: ${options.roles?.['qa'] ?? '[quinn, quincy]'}
  marketing: [mira, omar]
  public-relations: [pia]
services:
  db: { owners: [dev] }
  api: { owners: [dana], dependsOn: [db] }
  web: { owners: [dana], dependsOn: [api] }
  left: { owners: [dev], dependsOn: [right] }
  right: { owners: [dev], dependsOn: [left] }
  multi: { owners: [dev], platforms: [linux-amd64, linux-arm64] }
  alone: { owners: [dev] }
${(options.services ?? []).map((line) => `  ${line}`).join('\n')}
builders:
  trusted: [${trusted}]
trains:
  weekly:
    cutoffs:
      in-test:
        at: ${options.inTestAt ?? 'Wednesday 12:00'}
        meeting: Wednesday 13:00
        requires: ${options.inTestRequires ?? '[build, deployed:test, records, date-approved]'}
      ready-for-production:
        at: Friday 10:00
        meeting: Friday 11:00
        requires: ${options.readyRequires ?? '[sign-off:qa, verified:preproduction, records, approvals]'}
    windows:
      - { name: saturday-night, opens: Saturday 22:00, lasts: 4h, capacity: ${options.capacity ?? 20} }
freezes: [${(options.freezes ?? []).join(', ')}]
approvals:
  normal: ${options.seats ?? '[operations: 1, release-manager: 1]'}
  content: [operations: 1, marketing: 1, public-relations: 1]
  standard: []
vetoes: [operations]
releaseManagers: [release-manager]
plans:
  steps:
    steps:
      - name: prepare
        run: { command: [./step.sh, prepare, "{service}"] }
        expected: ${options.expected ?? '2m'}
        timeout: 8h
        undo: { command: [./step.sh, clean, "{service}"] }
      - { name: check, run: { command: [./step.sh, check, "{service}"] }, expected: 1m, timeout: 8h }
      - name: switch
        run: { command: [./step.sh, switch, "{service}"] }
        expected: 5s
        timeout: ${options.switchTimeout ?? '1m'}
        undo: { command: [./step.sh, back, "{service}"] }
concurrency: ${options.concurrency ?? 8}
`;

/** Throws with all faults. */
export const policyOf = (text: string): Policy => {
  const loaded = loadPolicy(text, 'shop.yaml', new Date(week48.monday));
  if (!loaded.ok) throw new Error(loaded.faults.map((f) => `${f.line}: ${f.path} ${f.message}`).join('\n'));
  return loaded.policy;
};
