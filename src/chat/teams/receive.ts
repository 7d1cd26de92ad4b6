import type { Card } from '../card.ts';
import type { Form, Forms } from '../form.ts';
import { type CommandSpec, parseCommand, requestWords } from '../parse.ts';
import type { Reply } from '../reply.ts';
import type { Request } from '../request.ts';
import type { Event, Incoming, Pressed } from './activity.ts';
import { rootOf } from './conversations.ts';
import { type FormOptions, renderForm } from './dialog.ts';
import type { Message } from './port.ts';
import type { Poster } from './post.ts';
import { type AdaptiveCard, titleOf } from './render.ts';
import type { Roster } from './roster.ts';
import type { Speaker } from './speak.ts';

export interface ReceiveOptions {
  readonly roster: Roster;
  readonly speaker: Speaker;
  readonly drawn: Poster['drawn'];
  readonly shared: Poster['shared'];
  readonly personal: Poster['personal'];
  readonly commands: readonly CommandSpec[];
  readonly answer: (request: Request) => Promise<Reply>;
  readonly forms: Forms;
  /** Said once where the bot was added. */
  readonly greeting: () => Card;
}

/** What Teams is told at once. The rest is done afterwards. */
export interface Told {
  readonly status: number;
  readonly body?: object;
  /** Never rejects. */
  readonly afterwards?: () => Promise<void>;
}

type Asked = Pick<Request, 'verb' | 'subject' | 'args' | 'flags'>;
type Press = Extract<Event, { kind: 'press' }>;

const cardType = 'application/vnd.microsoft.card.adaptive';

/** From what happened in Teams to a request, and from its reply to what Teams shows. */
export const receiver = (
  options: ReceiveOptions,
): ((incoming: Incoming, receivedAt: Date) => Promise<Told>) => {
  const { roster, speaker, drawn, shared, personal, answer, forms, commands } = options;

  const requestOf = async (
    incoming: Incoming,
    receivedAt: Date,
    asked: Asked,
  ): Promise<Request | undefined> => {
    const actor = await roster.actorOf(incoming);
    if (actor === undefined) return undefined;
    const { id, isPersonal, place } = incoming;
    return {
      id,
      actor,
      ...(isPersonal ? {} : { channel: rootOf(place.conversation) }),
      ...asked,
      receivedAt,
    };
  };

  /** Its form, or what there is instead. */
  const opened = async (
    request: Request,
    about: FormOptions,
  ): Promise<Message & { readonly title: string }> => {
    const found = await forms.open(request);
    return found.kind === 'form'
      ? { title: found.form.title, ...formMessage(found.form, about) }
      : {
          title: found.reply.card.title,
          ...drawn(about.inline === true ? found.reply.card : buttonless(found.reply.card)),
        };
  };

  /** `change submit` alone is not understood without a form: what it lacks is what the form asks for. */
  const wantsForm = (request: Request, text: string): Request | undefined => {
    if (forms.wants(request)) return request;
    const parsed = parseCommand(text, commands);
    const [verb] = parsed.ok ? [] : parsed.closest;
    if (parsed.ok || parsed.reason !== 'subject-missing' || verb === undefined) return undefined;
    const bare = { ...request, verb, args: [], flags: {} };
    return forms.wants(bare) ? bare : undefined;
  };

  const command = async (incoming: Incoming, request: Request, text: string): Promise<Told> => {
    const wanted = wantsForm(request, text);
    if (wanted !== undefined) {
      const form = await opened(wanted, { inline: true, typed: wanted.flags ?? {} });
      return { status: 200, afterwards: () => speaker.reply(incoming, 'asker', form) };
    }
    const { card, audience } = await answer(request);
    return { status: 200, afterwards: () => speaker.reply(incoming, audience, drawn(card)) };
  };

  const press = async (incoming: Incoming, request: Request, event: Press): Promise<Told> => {
    const { pressed, message, by } = event;
    if (by === 'refresh') return refresh(incoming, request, event);
    // A client without dialogs, or a card from before there was a form.
    if (pressed.fields === undefined && forms.wants(request)) {
      const form = await opened(request, { inline: true });
      return {
        status: 200,
        ...(by === 'invoke' ? { body: messageAnswer(form.title) } : {}),
        afterwards: () => speaker.reply(incoming, 'asker', form),
      };
    }
    if (pressed.refill) {
      const form = await opened(request, { inline: true, typed: pressed.fields ?? {} });
      const afterwards = async (): Promise<void> => {
        if (message !== undefined) await speaker.redraw(incoming, message, form);
      };
      return { status: 200, ...(by === 'invoke' ? { body: cardAnswer(form.card) } : {}), afterwards };
    }
    const replied = await answer(request);
    const shown = await inPlace(incoming, request, replied, pressed);
    const { present } = replied;
    const isOld = incoming.isPersonal && present !== undefined && titleOf(present) === pressed.card;
    const afterwards = async (): Promise<void> => {
      // In the channel the card's own job draws it; a personal one may be of before.
      if (isOld && message !== undefined) await speaker.redraw(incoming, message, drawn(present));
      if (shown === undefined) return speaker.reply(incoming, replied.audience, drawn(replied.card));
      if (message !== undefined) await speaker.redraw(incoming, message, await shown.toAll());
    };
    if (by === 'message') return { status: 200, afterwards };
    const body = shown === undefined ? messageAnswer(replied.card.summary) : cardAnswer(shown.toOne.card);
    return { status: 200, body, afterwards };
  };

  /** Nobody pressed: a client shows the message. It gets the card that is its reader's; what acts must be pressed. */
  const refresh = async (
    incoming: Incoming,
    request: Request,
    { pressed, message }: Press,
  ): Promise<Told> => {
    const { key } = pressed;
    const afterwards = async (): Promise<void> => {
      if (message !== undefined && key !== undefined) await speaker.sight(incoming, message, key);
    };
    if (!pressed.shows) return { status: 200, body: messageAnswer(''), afterwards };
    const { card, refused } = await answer(request);
    const own = incoming.isPersonal ? drawn(card) : personal(card, request.actor.id);
    return {
      status: 200,
      body: refused === undefined ? cardAnswer(own.card) : messageAnswer(''),
      afterwards,
    };
  };

  /** What takes the place of the card that was pressed, for everybody: the same card of now, or what became of a form. */
  const inPlace = async (
    { isPersonal, place }: Incoming,
    request: Request,
    { card, refused }: Reply,
    { card: title, fields }: Pressed,
  ): Promise<{ readonly toOne: Message; readonly toAll: () => Promise<Message> } | undefined> => {
    const alike = (message: Message) => ({ toOne: message, toAll: async () => message });
    if (fields !== undefined)
      return alike(
        refused === undefined
          ? drawn(card)
          : await opened(request, { inline: true, notes: [card.summary], typed: fields }),
      );
    if (refused !== undefined || titleOf(card) !== title) return undefined;
    return isPersonal
      ? alike(drawn(card))
      : { toOne: personal(card, request.actor.id), toAll: () => shared(card, place) };
  };

  const fill = async (request: Request, typed: Readonly<Record<string, string>> = {}): Promise<Told> => {
    const { card, refused } = await answer(request);
    const next =
      refused === undefined
        ? { title: card.title, ...drawn(buttonless(card)) }
        : await opened(request, { notes: [card.summary], typed });
    return { status: 200, body: dialog(next) };
  };

  const deal = async (incoming: Incoming, receivedAt: Date): Promise<Told> => {
    const { event } = incoming;
    const asked = askedBy(event, commands);
    if (asked === undefined) return { status: event.kind === 'unknown-invoke' ? 501 : 200 };
    const request = await requestOf(incoming, receivedAt, asked);
    if (request === undefined) return { status: 200 };
    switch (event.kind) {
      case 'press':
        return press(incoming, request, event);
      case 'form-wanted':
        return { status: 200, body: dialog(await opened(request, {})) };
      case 'form-filled':
        return event.pressed.refill
          ? { status: 200, body: dialog(await opened(request, { typed: event.pressed.fields ?? {} })) }
          : fill(request, event.pressed.fields);
      case 'command':
        return command(incoming, request, event.text);
      default:
        return { status: 200 };
    }
  };

  return async (incoming, receivedAt) => {
    const { kind } = incoming.event;
    if (kind === 'left') return { status: 200, afterwards: () => speaker.forget(incoming) };
    if (kind === 'met') {
      const greeting = (): Message => drawn(options.greeting());
      return { status: 200, afterwards: () => speaker.remember(incoming, undefined, greeting) };
    }
    const told = await deal(incoming, receivedAt);
    return {
      ...told,
      afterwards: async () => {
        await speaker.remember(incoming, roster.emailOf(incoming));
        await told.afterwards?.();
      },
    };
  };
};

/** A press has no flags; a form has its fields, a command what was typed. */
const askedBy = (event: Event, commands: readonly CommandSpec[]): Asked | undefined => {
  switch (event.kind) {
    case 'command':
      return requestWords(event.text, commands);
    case 'press':
    case 'form-wanted':
    case 'form-filled': {
      const { verb, subject, args, fields } = event.pressed;
      return {
        verb,
        ...(subject === undefined ? {} : { subject }),
        args,
        ...(fields === undefined ? {} : { flags: fields }),
      };
    }
    default:
      return undefined;
  }
};

const formMessage = (form: Form, about: FormOptions): Message => ({
  summary: form.title,
  card: renderForm(form, about),
});

/** Nothing in a dialog could redraw it. */
const buttonless = (card: Card): Card => ({ ...card, buttons: [] });

const cardAnswer = (value: AdaptiveCard): object => ({ statusCode: 200, type: cardType, value });

const messageAnswer = (value: string): object => ({
  statusCode: 200,
  type: 'application/vnd.microsoft.activity.message',
  value,
});

const dialog = ({ title, card }: Message & { readonly title: string }): object => ({
  task: {
    type: 'continue',
    value: { title, height: 'medium', width: 'medium', card: { contentType: cardType, content: card } },
  },
});
