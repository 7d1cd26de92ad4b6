import type { ColumnType, Generated, GeneratedAlways, JSONColumnType } from 'kysely';
import type { Severity, Way } from '../domain/oncall.ts';
import type { PageKind, PageState } from '../domain/page.ts';
import type { Address, Send } from '../domain/send.ts';

/** The tables of on-call duty, as PostgreSQL holds them. */
export interface PageTables {
  page: {
    id: GeneratedAlways<number>;
    state: PageState;
    severity: Severity;
    summary: string;
    service: string | null;
    escalation: string | null;
    bundle: string;
    step: Generated<number>;
    round: Generated<number>;
    level: Generated<number>;
    owner: string | null;
    raised_by: string;
    raised_at: Date;
    acknowledged_at: Date | null;
    resolved_at: Date | null;
    resolved_by: string | null;
    due_at: Date | null;
    merged_into: number | null;
    subject: string | null;
    kind: Generated<PageKind>;
    armed_at: Date | null;
  };
  page_helper: {
    page: number;
    person: string;
    asked_by: string;
    asked_at: Date;
    came_at: Date | null;
  };
  page_turn: { escalation: string; step: number; person: string };
  heartbeat: { name: string; called_at: Date | null; due_at: Date; missed_at: Date | null };
  alert: {
    id: GeneratedAlways<number>;
    page: number;
    source: string;
    key: string;
    severity: Severity;
    summary: string;
    url: string | null;
    details: JSONColumnType<Readonly<Record<string, string>>, string, string>;
    started_at: Date;
    received_at: Date;
    ended_at: Date | null;
    ended_by: string | null;
  };
  page_send: {
    id: GeneratedAlways<number>;
    page: number;
    level: number;
    kind: Send['kind'];
    person: string;
    way: Way;
    address: JSONColumnType<Address, string, string>;
    state: Generated<'waiting' | 'sending' | 'sent' | 'failed' | 'cancelled'>;
    attempts: Generated<number>;
    due_at: Date;
    armed_at: Date | null;
    nth: Generated<number>;
    claimed_until: Date | null;
    left_at: Date | null;
    sent_at: Date | null;
    ref: ColumnType<Readonly<Record<string, string>> | null, string | null, string | null>;
    reason: string | null;
  };
  line_call: {
    sid: string;
    page: number;
    caller: string;
    service: string | null;
    begun_at: Date;
  };
  line_leg: {
    sid: string;
    leg: number;
    person: string;
    taken_at: Date | null;
  };
  roster_change: {
    id: GeneratedAlways<number>;
    kind: 'override' | 'absence' | 'swap';
    schedule: string | null;
    person: string;
    instead_of: string | null;
    begins_at: Date;
    ends_at: Date;
    state: 'asked' | 'agreed' | 'declined' | 'cancelled';
    swap: number | null;
    made_by: string;
    stand_in: string | null;
    made_at: Date;
  };
}
