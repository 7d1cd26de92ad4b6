import { createHash } from 'node:crypto';
import { sql } from 'kysely';
import { systemClock } from '../src/clock.ts';
import { fingerprintFor, rulesFor } from '../src/domain/case.ts';
import type { Change } from '../src/domain/change.ts';
import type { EvidenceKind } from '../src/domain/evidence.ts';
import type { Policy, Service } from '../src/domain/policy.ts';
import { type Train, trainToBoard } from '../src/domain/train.ts';
import { armTimetable } from '../src/operations/arm-timetable.ts';
import type { Context } from '../src/operations/context.ts';
import type { Store } from '../src/store/store.ts';

/** Which papers a change has, by its place among the seeded ones. */
export interface Papers {
  /** All that the first cutoff asks for, from everybody. */
  readonly inTest: (n: number) => boolean;
  readonly signedOff: (n: number) => boolean;
  /** Persons who approved it. */
  readonly approvers: (n: number) => readonly string[];
}

const requester = 'dana';

/** One change of every service of the policy, numbered from 1 in the policy's order, aboard the train. */
export const seedChanges = async (
  store: Store,
  policy: Policy,
  train: Train,
  at: Date,
  papers: Papers,
): Promise<void> => {
  const services = [...policy.services.values()];
  const changes = services.map((service, n) => changeOf(service, n, train, at));
  await insert(
    store,
    'change',
    changes.map((c) => ({ ...row(c), pinned: true })),
  );
  await insert(
    store,
    'evidence',
    services.flatMap((service, n) => evidenceOf(service, n, train, at, papers)),
  );
  await insert(
    store,
    'decision',
    changes.flatMap((change, n) => {
      const rules = rulesFor(change, policy);
      if (rules === undefined) throw new Error(`no rules for ${change.service}`);
      const fingerprint = fingerprintFor(change, rules, train);
      return papers
        .approvers(n)
        .map((person) => ({ change: change.id, person, kind: 'approve', fingerprint, decided_at: at }));
    }),
  );
  // The server's statistics, as a database that has lived has them.
  await sql`vacuum analyze`.execute(store.db);
};

/** One change of every service, on the coming train, that lacks the release manager's signature alone. Its train. */
export const readyToSign = async (context: Context, policy: Policy): Promise<Train> => {
  const now = systemClock.now();
  const train = trainToBoard(policy, now);
  if (train === undefined) throw new Error('no train');
  await armTimetable(context);
  await seedChanges(context.store, policy, train, now, {
    inTest: () => true,
    signedOff: () => true,
    approvers: () => ['olga'],
  });
  return train;
};

const artifactOf = (service: Service): string =>
  `sha256:${createHash('sha256').update(service.name).digest('hex')}`;

const changeOf = (service: Service, n: number, train: Train, at: Date): Change => ({
  id: n + 1,
  service: service.name,
  type: 'normal',
  version: '1.0.0',
  artifact: artifactOf(service),
  train: train.id,
  state: 'boarded',
  requester,
  records: [`REC-${n}`],
  note: '',
  go: null,
  goReason: null,
  submittedAt: at,
});

const row = ({ id: _ofTheDatabase, goReason: _none, submittedAt, ...columns }: Change) => ({
  ...columns,
  submitted_at: submittedAt,
});

const evidenceOf = (service: Service, n: number, train: Train, at: Date, papers: Papers) => {
  const fact = (kind: EvidenceKind, more: object) => ({
    kind,
    service: service.name,
    version: '1.0.0',
    outcome: 'pass',
    source: 'bench',
    observed_at: at,
    received_at: at,
    ...more,
  });
  const artifact = artifactOf(service);
  const change = n + 1;
  const perPlatform = service.platforms.flatMap((platform) => [
    fact('build', { artifact, platform, builder: 'https://ci.shop.example/builders/release' }),
    ...(papers.inTest(n) ? [fact('deployed', { artifact, platform, environment: 'test' })] : []),
    fact('verified', { artifact, platform, environment: 'preproduction' }),
  ]);
  return [
    ...perPlatform,
    fact('records', { change, person: requester }),
    fact('date-approved', { change, train: train.id, person: 'rita' }),
    ...(papers.signedOff(n) ? [fact('sign-off', { artifact, role: 'qa', person: 'quinn' })] : []),
  ];
};

/** In portions: a parameter of some hundred megabytes would be one too many. */
const insert = async (
  store: Store,
  into: 'change' | 'evidence' | 'decision',
  rows: readonly object[],
): Promise<void> => {
  for (let start = 0; start < rows.length; start += 5_000) {
    const portion = rows.slice(start, start + 5_000);
    const columns = sql.join(
      [...new Set(portion.flatMap((r) => Object.keys(r)))].map((name) => sql.ref(name)),
    );
    await sql`insert into ${sql.table(into)} (${columns})
      select ${columns} from jsonb_populate_recordset(null::${sql.table(into)}, ${JSON.stringify(portion)})`.execute(
      store.db,
    );
  }
};
