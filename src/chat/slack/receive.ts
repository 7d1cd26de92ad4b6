import { setTimeout as pause } from 'node:timers/promises';
import type { Forms } from '../form.ts';
import { parseCommand, requestWords } from '../parse.ts';
import { PlatformError } from '../platform.ts';
import type { Reply } from '../reply.ts';
import type { Request } from '../request.ts';
import { platformError } from './api.ts';
import { formFailed, workDone } from './apologies.ts';
import { clip } from './limits.ts';
import { cardView, FormMemory, formCallback, formView, loadingView } from './modal.ts';
import type { Incoming, Place } from './payloads.ts';
import { nameIn } from './press.ts';
import type { Ack, ReceiverOptions, SlackReceiver } from './receiver.ts';
import { renderCard } from './render.ts';
import { createSpeaker } from './speak.ts';

/** Slack waits three seconds; what takes longer is acknowledged and answered later. */
const ackWithinMs = 2_300;
/** Events that are remembered, so that a retry joins the first delivery instead of being answered twice. */
const rememberedEvents = 1_000;

export const createSlackReceiver = (options: ReceiverOptions): SlackReceiver => {
  const { api, log, pen, pace, commands, memory, emailOf } = options;
  const speaker = createSpeaker({ api, log, pen, pace });
  const { respond, publishHome } = speaker;
  const background = new Set<Promise<void>>();
  const events = new Map<string, Promise<void>>();

  const later = (work: Promise<void>): void => {
    const done = work
      .catch((error: unknown) => {
        const { code } = error instanceof PlatformError ? error : platformError(error);
        log.warn({ platform: 'slack', code }, 'an answer did not reach its asker');
      })
      .finally(() => background.delete(done));
    background.add(done);
  };

  const introduced = async (request: Request): Promise<Request> => {
    const email = await emailOf(request.actor);
    return email === undefined ? request : { ...request, actor: { ...request.actor, email } };
  };
  const answer = async (request: Request): Promise<Reply> => options.answer(await introduced(request));
  const forms: Forms = {
    wants: options.forms.wants,
    open: async (request) => options.forms.open(await introduced(request)),
  };

  const requestOf = (
    { origin, user }: { readonly origin: Incoming['origin']; readonly user: string },
    id: string,
    words: Pick<Request, 'verb' | 'subject' | 'args' | 'flags'>,
    channel: string | undefined,
    receivedAt: Date,
  ): Request => {
    const tenant = origin.enterprise ?? origin.team;
    return {
      id: `slack/${id}`,
      actor: { platform: 'slack', id: user, ...(tenant === undefined ? {} : { tenant }) },
      ...(channel === undefined ? {} : { channel }),
      ...words,
      receivedAt,
    };
  };

  const askHome = (
    incoming: { readonly origin: Incoming['origin']; readonly user: string },
    id: string,
    at: Date,
  ) => answer(requestOf(incoming, id, { verb: 'home', args: [] }, undefined, at));

  /** What the one who pressed sees: the card redrawn where it is theirs, an answer of its own where it is another. */
  const feedback = async (incoming: Incoming & { kind: 'press' }, reply: Reply, at: Date): Promise<void> => {
    const { place, user, press } = incoming;
    const { message, view } = place;
    if (view === 'home') {
      if (reply.refused !== undefined || /^(change why|change show|help)$/.test(press.verb))
        await api.call('views.open', { trigger_id: place.trigger, view: cardView(reply.card, pen()) });
      return publishHome(user, await askHome(incoming, `${place.trigger}/home`, at));
    }
    if (reply.refused === undefined && message?.kind === 'answer') return respond(place, user, reply, true);
    const { present } = reply;
    // The card that was pressed may be of before: nobody else redraws an answer.
    if (message?.kind === 'answer' && present !== undefined && nameIn(present.title) === press.card)
      await respond(place, user, { card: present, audience: 'asker' }, true);
    // A posted card is redrawn by its own job, in order: from here it could be overtaken.
    const isItself = message?.title !== undefined && nameIn(message.title) === nameIn(reply.card.title);
    if (reply.refused !== undefined || !isItself) return respond(place, user, reply);
  };

  const openForm = async (request: Request, place: Place): Promise<void> => {
    const { view } = await api.call('views.open', { trigger_id: place.trigger, view: loadingView() });
    const opened = await forms.open(request);
    const { verb, subject, args } = request;
    const memory: FormMemory = {
      verb,
      ...(subject === undefined ? {} : { subject }),
      args: [...args],
      ...(place.channel === undefined ? {} : { channel: place.channel }),
      ...(place.responseUrl === undefined ? {} : { responseUrl: place.responseUrl }),
      ...(place.view === undefined ? {} : { view: place.view }),
    };
    const shown =
      opened.kind === 'form'
        ? formView(opened.form, memory, pen(), { typed: request.flags ?? {} })
        : cardView(opened.reply.card, pen());
    await api.call('views.update', { view_id: viewId(view), view: shown });
  };

  const formOrApology = (request: Request, place: Place): Promise<void> =>
    openForm(request, place).catch(async (error: unknown) => {
      const failure = platformError(error);
      log.warn({ platform: 'slack', code: failure.code }, 'a form did not open');
      await respond(place, request.actor.id, { card: formFailed(request), audience: 'asker' });
    });

  /** Undefined when it takes longer than an ack may; the answer then comes by itself. */
  const inTime = async <T>(work: Promise<T>): Promise<T | undefined> => {
    const stop = new AbortController();
    const limit = pause(ackWithinMs, undefined, { signal: stop.signal }).catch(() => undefined);
    try {
      return await Promise.race([work, limit]);
    } finally {
      stop.abort();
    }
  };

  const onCommand = async (incoming: Incoming & { kind: 'command' }, at: Date, ack: Ack): Promise<void> => {
    const { text, place, user } = incoming;
    const request = requestOf(incoming, place.trigger, words(text), place.channel, at);
    const wanted = formRequest(request, text);
    if (wanted !== undefined) {
      later(formOrApology(wanted, place));
      return ack();
    }
    const answering = answer(request);
    const reply = await inTime(answering);
    if (reply !== undefined) {
      const isPublic = reply.audience === 'channel' && place.channel !== undefined;
      const message = renderCard(reply.card, pen(), { answer: true });
      return ack({ ...message, response_type: isPublic ? 'in_channel' : 'ephemeral' });
    }
    later(answering.then((late) => respond(place, user, late)));
    return ack();
  };

  const words = (text: string) => requestWords(text, commands);

  /** `change submit` alone is not understood without a form: what it lacks is what the form asks for. */
  const formRequest = (request: Request, text: string): Request | undefined => {
    if (forms.wants(request)) return request;
    const parsed = parseCommand(text, commands);
    const [verb] = parsed.ok ? [] : parsed.closest;
    if (parsed.ok || parsed.reason !== 'subject-missing' || verb === undefined) return undefined;
    const bare = { ...request, verb, args: [], flags: {} };
    return forms.wants(bare) ? bare : undefined;
  };

  const onMessage = (incoming: Incoming & { kind: 'message' }, at: Date): Promise<void> => {
    // A retry joins the first delivery, so that it is answered once and acknowledged when that is durable.
    const known = events.get(incoming.event);
    if (known !== undefined) return known;
    const first = answerMessage(incoming, at);
    events.set(incoming.event, first);
    first.catch(() => events.delete(incoming.event));
    for (const oldest of events.keys()) {
      if (events.size <= rememberedEvents) break;
      events.delete(oldest);
    }
    return first;
  };

  const answerMessage = async (incoming: Incoming & { kind: 'message' }, at: Date): Promise<void> => {
    const { channel, isDirect, text, event } = incoming;
    const request = requestOf(incoming, event, words(text), isDirect ? undefined : channel, at);
    // Another instance may have had it before.
    if (!(await memory.claimAnswer(request.id))) return;
    try {
      const reply = await answer(request);
      later(speaker.say(incoming, reply));
    } catch (error) {
      await memory.releaseAnswer(request.id);
      throw error;
    }
  };

  const onPress = async (incoming: Incoming & { kind: 'press' }, at: Date, ack: Ack): Promise<void> => {
    const { press, place } = incoming;
    const { verb, subject, args } = press;
    const about = subject === '' ? {} : { subject };
    const request = requestOf(incoming, place.trigger, { verb, ...about, args }, place.channel, at);
    if (forms.wants(request)) {
      later(formOrApology(request, place));
      return ack();
    }
    let commit = (): void => {};
    const committed = new Promise<void>((resolve) => {
      commit = resolve;
    });
    const { message } = place;
    const onItsCard = message?.kind === 'posted' && nameIn(message.title ?? '').startsWith(`${subject} `);
    const answering = introduced(request).then((known) =>
      options.answer(known, { committed: commit, onItsCard }),
    );
    // The press itself is not answered: durable is enough.
    await inTime(Promise.race([answering, committed]));
    later(answering.then((reply) => (reply === undefined ? undefined : feedback(incoming, reply, at))));
    return ack();
  };

  const onSubmission = async (
    incoming: Incoming & { kind: 'submission' },
    at: Date,
    ack: Ack,
  ): Promise<void> => {
    const memory = FormMemory.safeParse(jsonOf(incoming.metadata)).data;
    if (incoming.callback !== formCallback || memory === undefined) return ack();
    const { verb, subject, args, channel } = memory;
    const { values, blocks, view, user, trigger } = incoming;
    const place: Place = {
      trigger,
      ...(channel === undefined ? {} : { channel }),
      ...(memory.responseUrl === undefined ? {} : { responseUrl: memory.responseUrl }),
      ...(memory.view === undefined ? {} : { view: memory.view }),
    };
    const about = { verb, args, flags: filledIn(values), ...(subject === undefined ? {} : { subject }) };
    const request = requestOf(incoming, `${view}/${trigger}`, about, channel, at);
    let isLate = false;
    const outcome = async (reply: Reply): Promise<Readonly<Record<string, unknown>> | undefined> => {
      if (reply.refused === undefined) {
        later(
          place.view === 'home'
            ? askHome(incoming, `${view}/${trigger}/home`, at).then((home) => publishHome(user, home))
            : respond(place, user, reply),
        );
        return undefined;
      }
      const { field } = reply.refused;
      const block = field === undefined ? undefined : blocks[field];
      // Once Slack has been answered, faults can only be said above the fields.
      if (block !== undefined && !isLate)
        return { response_action: 'errors', errors: { [block]: clip(reply.card.summary, 1_000) } };
      const opened = await forms.open(request);
      const shown =
        opened.kind === 'form'
          ? formView(opened.form, memory, pen(), { typed: values, refusal: reply.card })
          : cardView(reply.card, pen());
      return { response_action: 'update', view: shown };
    };
    const answering = answer(request).then(outcome);
    const done = await inTime(answering.then((response) => ({ response })));
    if (done !== undefined) return ack(done.response);
    isLate = true;
    later(
      answering.then(async (response) => {
        const { view: shown = cardView(workDone, pen()) } = response ?? {};
        await api.call('views.update', { view_id: view, view: shown });
      }),
    );
    return ack({ response_action: 'update', view: loadingView() });
  };

  /** What the form shows depends on it: drawn anew, unless it shows something else already. */
  const onChoice = async (incoming: Incoming & { kind: 'choice' }, at: Date, ack: Ack): Promise<void> => {
    const memory = FormMemory.safeParse(jsonOf(incoming.metadata)).data;
    const { values, view, hash, trigger } = incoming;
    if (memory === undefined) return ack();
    const { verb, subject, args, channel } = memory;
    const about = { verb, args, flags: filledIn(values), ...(subject === undefined ? {} : { subject }) };
    const request = requestOf(incoming, `${view}/${trigger}`, about, channel, at);
    const redrawn = async (): Promise<void> => {
      const opened = await forms.open(request);
      if (opened.kind === 'form')
        await api.call('views.update', {
          view_id: view,
          hash,
          view: formView(opened.form, memory, pen(), { typed: values }),
        });
    };
    later(redrawn());
    return ack();
  };

  return {
    handle: async (incoming, receivedAt, ack) => {
      switch (incoming.kind) {
        case 'command':
          return onCommand(incoming, receivedAt, ack);
        case 'press':
          return onPress(incoming, receivedAt, ack);
        case 'choice':
          return onChoice(incoming, receivedAt, ack);
        case 'submission':
          return onSubmission(incoming, receivedAt, ack);
        case 'message':
          await onMessage(incoming, receivedAt);
          return ack();
        case 'home': {
          const reply = askHome(incoming, incoming.event, receivedAt);
          later(reply.then((home) => publishHome(incoming.user, home)));
          return ack();
        }
        case 'removed':
          log.error({ platform: 'slack' }, 'the Slack app was uninstalled or its token revoked');
          return ack();
        case 'other':
          return ack();
      }
    },
    idle: async () => {
      while (background.size > 0) await Promise.all(background);
    },
  };
};

/** Without what was left empty. */
const filledIn = (values: Readonly<Record<string, string>>): Readonly<Record<string, string>> =>
  Object.fromEntries(Object.entries(values).filter(([, value]) => value.trim() !== ''));

const viewId = (view: unknown): unknown =>
  typeof view === 'object' && view !== null && 'id' in view ? view.id : undefined;

const jsonOf = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};
