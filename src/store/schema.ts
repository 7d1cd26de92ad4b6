import type { ColumnType, Generated, GeneratedAlways, JSONColumnType } from 'kysely';
import type { ChangeState, Go } from '../domain/change.ts';
import type { Deadline } from '../domain/deadline.ts';
import type { DeploymentState, Hold, StepState } from '../domain/deployment.ts';
import type { EvidenceKind, Outcome } from '../domain/evidence.ts';
import type { ExceptionKind, ExceptionOutcome } from '../domain/exception.ts';
import type { Fingerprint } from '../domain/fingerprint.ts';
import type { Late } from '../domain/late.ts';
import type { Destination, Notice } from '../domain/notice.ts';
import type { ObligationKind } from '../domain/obligation.ts';
import type { ChangeType, PlanRule } from '../domain/policy.ts';
import type { RunSheet } from '../domain/run-sheet.ts';

/** Rows as PostgreSQL holds them; each store file turns its rows into domain values. */
type Json<T extends object | null> = JSONColumnType<T, string, string>;
type NullableJson<T extends object> = ColumnType<T | null, string | null, string | null>;

export interface Database {
  train: {
    id: string;
    rule: string;
    go: Go | null;
    go_reason: string | null;
    paused: Generated<boolean>;
    ended_at: Date | null;
  };
  cutoff: { train: string; name: string; at: Date; closed_at: Date | null; sheet: NullableJson<RunSheet> };
  change: {
    id: GeneratedAlways<number>;
    service: string;
    type: ChangeType;
    version: string;
    artifact: string | null;
    pinned: Generated<boolean>;
    train: string;
    state: Generated<ChangeState>;
    requester: string;
    records: Json<readonly string[]>;
    note: Generated<string>;
    go: Go | null;
    go_reason: string | null;
    submitted_at: Date;
    late: NullableJson<Late>;
  };
  evidence: {
    id: GeneratedAlways<number>;
    kind: EvidenceKind;
    service: string;
    version: string | null;
    artifact: string | null;
    change: number | null;
    environment: string | null;
    platform: string | null;
    role: string | null;
    builder: string | null;
    train: string | null;
    outcome: Outcome;
    person: string | null;
    source: string;
    comment: string | null;
    url: string | null;
    details: NullableJson<object>;
    observed_at: Date;
    received_at: Date;
  };
  decision: {
    id: GeneratedAlways<number>;
    change: number;
    person: string;
    kind: 'approve' | 'reject' | 'veto';
    fingerprint: Json<Fingerprint>;
    reason: string | null;
    decided_at: Date;
    rescinded_at: Date | null;
  };
  deployment: {
    id: GeneratedAlways<number>;
    change: number;
    train: string;
    service: string;
    artifact: string;
    plan: Json<PlanRule>;
    wave: number;
    position: number;
    unit: number;
    state: Generated<DeploymentState>;
    hold: NullableJson<Hold>;
    fence: Generated<number>;
    runner: string | null;
    window_opens: Date | null;
    undo_attempt: Generated<number>;
    reason: string | null;
    queued_at: Date;
    started_at: Date | null;
    finished_at: Date | null;
  };
  step_run: {
    id: GeneratedAlways<number>;
    deployment: number;
    step: number;
    direction: 'do' | 'undo';
    attempt: number;
    fence: number;
    state: StepState;
    handle: Json<Readonly<Record<string, string>>>;
    exit_code: number | null;
    tail: Generated<string>;
    reason: string | null;
    started_at: Date;
    finished_at: Date | null;
  };
  deadline: {
    id: GeneratedAlways<number>;
    key: string;
    kind: Deadline['kind'];
    subject: Json<Deadline>;
    due_at: Date;
    done_at: Date | null;
  };
  notice: {
    id: GeneratedAlways<number>;
    lane: string;
    destination: Json<Destination>;
    content: Json<Notice>;
    state: Generated<'waiting' | 'sending' | 'sent' | 'dead'>;
    attempts: Generated<number>;
    next_at: Date;
    claimed_until: Date | null;
    ref: NullableJson<Readonly<Record<string, string>>>;
    created_at: Date;
  };
  card: { subject: string; version: Generated<number> };
  card_post: {
    subject: string;
    lane: string;
    destination: Json<Destination>;
    drawn: Generated<number>;
    ref: NullableJson<Readonly<Record<string, string>>>;
    next_at: Date | null;
    claimed_until: Date | null;
  };
  request: { id: string; at: Date; facts: NullableJson<object> };
  conversation: {
    platform: string;
    key: string;
    place: Json<Readonly<Record<string, string>>>;
    dead: string | null;
  };
  answered: { id: string; at: Date };
  audit: { seq: number; at: Date; entry: string; hash: string };
}
