import { type Page, pageName } from '../domain/page.ts';
import type { PersonId, Policy } from '../domain/policy.ts';
import { refuse } from '../domain/refusal.ts';
import {
  findCall,
  insertCall,
  insertLeg,
  type LineCall,
  legsOf,
  lockCall,
  setCallService,
  takeLeg,
} from '../store/line-calls.ts';
import { addToAlert, lastAlerts, lockPage, nameService } from '../store/pages.ts';
import type { Cause, Tx } from '../store/store.ts';
import { acknowledgePage } from './answer-page.ts';
import type { Context } from './context.ts';
import { aboutPage, escalationOf, movePage, setOff } from './move-page.ts';
import { Refused } from './outcome.ts';
import { raiseIn } from './raise-page.ts';
import { reachAt } from './reach.ts';

/** The number that is answered day and night. Each of these may come twice and late, and has one effect. */
const source = 'phone';

/** Callers have so long to say what it is about; who hangs up before has whoever is on call by default paged. */
const menuMs = 20_000;

export interface Line {
  readonly page: number;
  /** To choose from, by key from 1; empty: nothing is asked. */
  readonly services: readonly string[];
}

/** The call is a page before anybody answers it. Of one number that calls again: the same page, as long as it is not over. */
export const beginCall = (
  context: Context,
  cause: Cause,
  { sid, caller }: { readonly sid: string; readonly caller: string },
): Promise<Line> =>
  context.store.transaction(cause, async (tx) => {
    const { services } = context.policy().oncall.line;
    const known = await findCall(tx.db, sid);
    if (known !== undefined) return { page: known.page, services };
    const [page] = await raiseIn(tx, context, source, [
      {
        key: sid,
        recurs: false,
        severity: 'critical',
        summary: `A call from ${caller} asks for whoever is on call`,
        group: isNumber(caller) ? caller : sid,
        details: { 'Call back': caller },
        startedAt: cause.at,
        ...(services.length === 0 ? {} : { waitMs: menuMs }),
      },
    ]);
    // Two requests of one call at once: the other one has raised it.
    const id = page?.id ?? (await lastAlerts(tx.db, source, [sid])).get(sid)?.page;
    if (id === undefined) return refuse({ code: 'unknown-page', facts: { page: sid } });
    await insertCall(tx.db, { sid, page: id, caller, begunAt: cause.at });
    return { page: id, services };
  });

/** Callers may hide their number; the provider then says so in words. */
const isNumber = (caller: string): boolean => /^\+\d{5,15}$/.test(caller);

const callNamed = async (tx: Tx, sid: string): Promise<LineCall> =>
  (await lockCall(tx.db, sid)) ?? refuse({ code: 'unknown-page', facts: { page: sid } });

/** What it is about, by key; without one whoever is on call by default is paged. */
export const chooseService = (
  context: Context,
  cause: Cause,
  { sid, key }: { readonly sid: string; readonly key: string },
): Promise<void> =>
  context.store.transaction(cause, async (tx) => {
    const call = await callNamed(tx, sid);
    const service = context.policy().oncall.line.services[Number(key) - 1];
    const page = await lockPage(tx.db, call.page);
    if (page === undefined) return;
    if (service !== undefined && call.service === null) await setCallService(tx.db, sid, service);
    // Somebody is being paged already, by an earlier call or because the caller took long: that goes on.
    if (page.state !== 'open' || page.level > 0) return;
    const summary = `A call from ${call.caller} about ${service}`;
    await movePage(
      tx,
      context,
      service === undefined ? page : await nameService(tx.db, page.id, { service, summary }),
    );
  });

export type Turn =
  | { readonly kind: 'ring'; readonly person: PersonId; readonly phone: string }
  /** Somebody has talked to the caller. */
  | { readonly kind: 'over'; readonly person: PersonId }
  | { readonly kind: 'nobody' };

/** Whose telephone is rung in this turn: whoever has the page, then those of its escalation, each once. */
export const nextTurn = (
  context: Context,
  cause: Cause,
  { sid, leg }: { readonly sid: string; readonly leg: number },
): Promise<Turn> =>
  context.store.transaction(cause, async (tx): Promise<Turn> => {
    const policy = context.policy();
    const call = await callNamed(tx, sid);
    const legs = await legsOf(tx.db, sid);
    const taken = legs.find(({ takenAt }) => takenAt !== null);
    if (taken !== undefined) return { kind: 'over', person: taken.person };
    const again = legs.find((one) => one.leg === leg)?.person;
    const page = await lockPage(tx.db, call.page);
    const tried = new Set(legs.map(({ person }) => person));
    const candidates = page === undefined ? [] : await candidatesOf(tx, context, policy, page, call);
    const person = again ?? candidates.find((id) => !tried.has(id));
    const phone = person === undefined ? undefined : policy.people.get(person)?.phone;
    if (person === undefined || phone === undefined) return { kind: 'nobody' };
    if (again === undefined) await insertLeg(tx.db, sid, { leg, person });
    return { kind: 'ring', person, phone };
  });

const candidatesOf = async (
  tx: Tx,
  context: Context,
  policy: Policy,
  page: Page,
  { service, caller }: LineCall,
): Promise<readonly PersonId[]> => {
  const reach = await reachAt(tx.db, context, policy, context.clock.now());
  const rule = escalationOf(policy, { ...page, service: service ?? page.service });
  const targets = [...(rule?.steps ?? []).flatMap((step) => step.targets), ...policy.oncall.catchAll];
  const people = [...(page.owner === null ? [] : [page.owner]), ...targets.flatMap(reach)];
  return [...new Set(people)].filter((id) => {
    const phone = policy.people.get(id)?.phone;
    // Whoever is on call may call too.
    return phone !== undefined && phone !== caller;
  });
};

/** Undefined when there is no such call, or nobody is rung in this turn. */
export const describeTurn = async (
  context: Context,
  { sid, leg }: { readonly sid: string; readonly leg: number },
): Promise<{ readonly call: LineCall; readonly person: PersonId } | undefined> => {
  const { db } = context.store;
  const call = await findCall(db, sid);
  const person = (await legsOf(db, sid)).find((one) => one.leg === leg)?.person;
  return call === undefined || person === undefined ? undefined : { call, person };
};

/** A human has pressed the key: the two are connected, and the page is theirs unless somebody has it. */
export const takeCall = async (
  context: Context,
  at: Date,
  { sid, leg }: { readonly sid: string; readonly leg: number },
): Promise<void> => {
  const turn = await describeTurn(context, { sid, leg });
  if (turn === undefined) return refuse({ code: 'unknown-page', facts: { page: sid } });
  const { call, person } = turn;
  await takeLeg(context.store.db, sid, leg, at);
  try {
    await acknowledgePage(context, { actor: person, at }, { page: pageName(call.page) });
  } catch (error) {
    // Taken or over by now: the caller still wants to talk to somebody.
    if (!(error instanceof Refused)) throw error;
  }
};

/** Nobody came: what the caller has said is linked on the page, which goes on until a person answers. */
export const keepVoicemail = (
  context: Context,
  cause: Cause,
  { sid, url, seconds }: { readonly sid: string; readonly url: string; readonly seconds: number },
): Promise<void> =>
  context.store.transaction(cause, async (tx) => {
    const call = await callNamed(tx, sid);
    const page = await lockPage(tx.db, call.page);
    if (page === undefined) return;
    const details = { Voicemail: `${seconds} s` };
    if (!(await addToAlert(tx.db, { source, key: sid }, { url, details }))) return;
    const facts = { page: pageName(page.id), source, voicemail: seconds };
    tx.record({ kind: 'alert', ...aboutPage(page), outcome: 'voicemail', facts });
    await setOff(tx, context, page);
  });
