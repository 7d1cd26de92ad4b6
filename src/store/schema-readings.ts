import type { Generated, GeneratedAlways } from 'kysely';
import type { Aspect } from '../domain/aspect.ts';
import type { ObservedChange } from '../domain/observation.ts';

/** What is read of the world. */
export interface ReadingTables {
  observed: {
    service: string;
    environment: string;
    platform: string;
    aspect: Aspect;
    value: string | null;
    since: Date | null;
    candidate: string | null;
    candidate_at: Date | null;
    read_at: Date;
    accepted: string | null;
    accepted_at: Date | null;
  };
  reading: {
    id: GeneratedAlways<number>;
    service: string;
    environment: string;
    platform: string;
    aspect: Aspect;
    value: string;
    observed_at: Date;
    received_at: Date;
  };
  observed_change: {
    id: GeneratedAlways<number>;
    service: string;
    environment: string;
    platform: string;
    aspect: Aspect;
    value: string;
    was: string | null;
    since: Date;
    found_at: Date;
    state: Generated<ObservedChange['state']>;
    answered_by: string | null;
    answered_at: Date | null;
    incident: number | null;
    contacts: Generated<number>;
  };
  ticket: {
    record: string;
    tracker: string;
    state: string | null;
    ready: boolean;
    fault: string | null;
    asked_at: Date;
  };
}
