import type { AuditEntry } from '../domain/audit.ts';
import { changeName, deploymentName } from '../domain/change.ts';
import type { ExceptionRecord } from '../domain/exception.ts';
import type { Obligation } from '../domain/obligation.ts';
import { refuse } from '../domain/refusal.ts';
import type { RunSheet } from '../domain/run-sheet.ts';
import { auditOf } from '../store/audit.ts';
import { loadCases } from '../store/cases.ts';
import { changesEverOn } from '../store/changes.ts';
import { notesOfCheckpoints } from '../store/checkpoints.ts';
import { deploymentsOf } from '../store/deployments.ts';
import { exceptionsOf } from '../store/exceptions.ts';
import { obligationsOf } from '../store/obligations.ts';
import type { Store } from '../store/store.ts';
import { cutoffsOf, findTrain } from '../store/trains.ts';
import { type ReplayedDecision, replayDecision } from './replay-decision.ts';

/** Everything about one train that an auditor asks for, as it is stored: instants are Dates, which JSON writes as ISO text. */
export interface Packet {
  readonly train: string;
  readonly go: string | null;
  readonly goReason: string | null;
  readonly cutoffs: readonly {
    readonly name: string;
    readonly at: Date;
    readonly closedAt: Date | null;
    readonly sheet: RunSheet | null;
  }[];
  readonly changes: readonly {
    readonly change: string;
    readonly service: string;
    readonly version: string;
    readonly type: string;
    readonly artifact: string | null;
    readonly state: string;
    readonly train: string;
    readonly requester: string;
    readonly records: readonly string[];
    readonly evidence: readonly object[];
    readonly decisions: readonly object[];
  }[];
  readonly deployments: readonly {
    readonly deployment: string;
    readonly change: string;
    readonly service: string;
    readonly artifact: string;
    readonly state: string;
    readonly startedAt: Date | null;
    readonly finishedAt: Date | null;
    readonly decision: ReplayedDecision | null;
  }[];
  readonly exceptions: readonly ExceptionRecord[];
  readonly obligations: readonly Obligation[];
  /** Entries about the train and its changes, with their places in the chain. */
  readonly record: readonly (AuditEntry & { readonly seq: number; readonly hash: string })[];
  /** Signed notes of what the record was, oldest first. */
  readonly checkpoints: readonly string[];
}

/** Reads only; every decision of the train is replayed on the way. */
export const auditPacket = async (store: Pick<Store, 'db'>, train: string): Promise<Packet> => {
  const { db } = store;
  const state = await findTrain(db, train);
  if (!state) return refuse({ code: 'unknown-train', facts: { train } });
  const changes = await changesEverOn(db, train);
  const names = changes.map(({ id }) => changeName(id));
  const started = (await deploymentsOf(db, train)).filter(({ startedAt }) => startedAt !== null);
  const deployments: Packet['deployments'][number][] = [];
  for (const { id, change, service, artifact, state: at, startedAt, finishedAt } of started)
    deployments.push({
      deployment: deploymentName(id),
      change: changeName(change),
      service,
      artifact,
      state: at,
      startedAt,
      finishedAt,
      decision: await replayDecision(store, deploymentName(id)),
    });
  return {
    train,
    go: state.go,
    goReason: state.goReason,
    cutoffs: (await cutoffsOf(db, train)).map(({ name, at, closedAt, sheet }) => ({
      name,
      at,
      closedAt,
      sheet,
    })),
    changes: (await loadCases(db, changes)).map(({ change, evidence, decisions }) => ({
      change: changeName(change.id),
      service: change.service,
      version: change.version,
      type: change.type,
      artifact: change.artifact,
      state: change.state,
      train: change.train,
      requester: change.requester,
      records: change.records,
      evidence,
      decisions,
    })),
    deployments,
    exceptions: await exceptionsOf(db, train),
    obligations: await obligationsOf(db, names),
    record: await auditOf(db, { train, changes: names }),
    checkpoints: await notesOfCheckpoints(db),
  };
};
