import { randomUUID } from 'node:crypto';
import { noFormCard, outageCard } from '../src/cards/outage-card.ts';
import { faultCard, refusalCard } from '../src/cards/refusal-card.ts';
import type { Form, Forms } from '../src/chat/form.ts';
import type { Answer, Pressing, Reply } from '../src/chat/reply.ts';
import type { Request } from '../src/chat/request.ts';
import type { Context } from '../src/operations/context.ts';
import { identify } from '../src/operations/identify.ts';
import { databaseTrouble, type Refusal, Refused, Repeated } from '../src/operations/outcome.ts';
import { recordRefusal } from '../src/operations/record-refusal.ts';
import type { Call, Handler } from './handler.ts';
import { handlers } from './index.ts';
import { showChange, toAsker } from './show.ts';
import { isPress } from './words.ts';

/** What every chat platform asks: total, and the only place besides the workers' frame where errors are caught. */
export const createAnswer = (context: Context, table: readonly Handler[] = handlers): Answer => {
  const verbs = new Map(table.map((handler) => [handler.verb, handler]));
  function answer(received: Request): Promise<Reply>;
  function answer(received: Request, press?: Pressing): Promise<Reply | undefined>;
  function answer(received: Request, press?: Pressing): Promise<Reply | undefined> {
    return withCall(context, received, (call) => {
      const handler = verbs.get(call.request.verb);
      return handler === undefined ? lost(call, verbs) : attend(call, handler, press);
    });
  }
  return answer;
};

/** What platforms ask that can show forms. */
export const createForms = (context: Context, table: readonly Handler[] = handlers): Forms => {
  const forms = new Map(table.map(({ verb, form }) => [verb, form]));
  return {
    wants: (request) => forms.get(request.verb)?.wanted(request) ?? false,
    open: async (received) => {
      let opened: Form | undefined;
      const reply = await withCall(context, received, async (call) => {
        try {
          opened = await forms.get(call.request.verb)?.open(call);
        } catch (error) {
          return explain(call, error, 'away');
        }
        return noForm;
      });
      return opened === undefined ? { kind: 'reply', reply } : { kind: 'form', form: opened };
    },
  };
};

const withCall = async <R extends Reply | undefined>(
  context: Context,
  received: Request,
  attend: (call: Call) => Promise<R>,
): Promise<R | Reply> => {
  // From here on a cutoff that the request was in time for stays open for it (L3).
  const leave = context.arrivals.enter(received.receivedAt);
  try {
    const request = legible(received);
    const person = identify(context.policy(), request.actor);
    if (person === undefined) return unknownActor(context, request);
    const cause = { actor: person, at: request.receivedAt, request: request.id };
    return await attend({ context, request, person, cause });
  } finally {
    leave();
  }
};

/** A verb without a form: a forged press. */
const noForm: Reply = { ...toAsker(noFormCard), refused: {} };

/** No verb of ours: an empty line, an old button, a forged one. Help says what there is. */
const lost = (call: Call, verbs: ReadonlyMap<string, Handler>): Promise<Reply | undefined> => {
  const help = verbs.get('help');
  if (help === undefined) throw new Error('a table without help');
  const { verb, subject = '', args } = call.request;
  const typed = [verb, subject, ...args].filter((word) => word !== '');
  return attend({ ...call, request: { ...call.request, verb: 'help', args: typed } }, help);
};

const attend = async (call: Call, handler: Handler, press?: Pressing): Promise<Reply | undefined> => {
  let acted = false;
  try {
    try {
      await handler.act?.(call);
      acted = handler.act !== undefined;
      if (acted) press?.committed();
    } catch (error) {
      // A repeat has no second effect; its answer is the present state (L8).
      if (!(error instanceof Repeated)) throw error;
    }
    if (acted && press?.onItsCard === true && handler.show === showChange) return undefined;
    return await handler.show(call);
  } catch (error) {
    if (error instanceof Refused && handler.act !== undefined && !acted) await remember(call, error.refusal);
    const reply = await explain(call, error, handler.act === undefined ? 'away' : acted ? 'lost' : undefined);
    if (!(error instanceof Refused)) return reply;
    const field = handler.form?.faults?.[error.refusal.code];
    const present = isPress(call.request) && !acted ? await presentOf(call, handler) : {};
    return { ...reply, ...present, ...(field === undefined ? {} : { refused: { field } }) };
  }
};

/** Best effort: the refusal itself matters more. */
const presentOf = async (call: Call, handler: Handler): Promise<Pick<Reply, 'present'>> => {
  if (handler.act === undefined || call.request.subject === undefined) return {};
  try {
    return { present: (await handler.show(call)).card };
  } catch {
    return {};
  }
};

/** `outage`: what is known of the deed when the database is away. */
const explain = async (call: Call, error: unknown, outage: 'away' | 'lost' | undefined): Promise<Reply> => {
  if (error instanceof Refused)
    return { ...toAsker(refusalCard(error.refusal, call.context.policy())), refused: {} };
  const facts = { verb: call.request.verb, subject: call.request.subject, person: call.person };
  const trouble = await databaseTrouble(call.context, error);
  if (trouble !== undefined) {
    call.context.log.warn({ ...facts, err: error }, 'no answer: the database is away');
    return { ...toAsker(outageCard(outage ?? trouble)), refused: {} };
  }
  const reference = randomUUID().slice(0, 8);
  call.context.log.error({ ...facts, reference, err: error }, 'a request failed');
  return { ...toAsker(faultCard(reference)), refused: {} };
};

/** Best effort: that the person hears the no matters more than that it is on the record. */
const remember = async ({ context, cause, request }: Call, refusal: Refusal): Promise<void> => {
  const { verb, subject } = request;
  try {
    await recordRefusal(context, cause, { verb, refusal, ...(subject === undefined ? {} : { subject }) });
  } catch (error) {
    if (!(error instanceof Repeated))
      context.log.warn({ err: error, verb, code: refusal.code }, 'a refusal is not on the record');
  }
};

/** Tells a stranger nothing about people, changes or verbs. */
const unknownActor = (context: Context, { actor, verb }: Request): Reply => {
  context.log.info({ ...actor, verb }, 'a request of somebody whom the policy does not know');
  const card = refusalCard({ code: 'unknown-actor', facts: { platform: actor.platform } }, context.policy());
  return { ...toAsker(card), refused: {} };
};

/** PostgreSQL stores neither NUL nor halves of surrogate pairs. */
const legible = (request: Request): Request => ({
  ...request,
  ...(request.subject === undefined ? {} : { subject: clean(request.subject) }),
  args: request.args.map(clean),
  ...(request.flags === undefined
    ? {}
    : {
        flags: Object.fromEntries(Object.entries(request.flags).map(([name, text]) => [name, clean(text)])),
      }),
});

const clean = (text: string): string => text.replaceAll('\0', '').replace(/\p{Surrogate}/gu, '\uFFFD');
