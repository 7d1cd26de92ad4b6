import type { Log } from '../../log.ts';
import type { Card } from '../card.ts';
import type { Forms } from '../form.ts';
import { type CommandSpec, requestWords } from '../parse.ts';
import type { Reply } from '../reply.ts';
import type { Identity, Request } from '../request.ts';
import type { Incoming, Pressed } from './activity.ts';
import { type Conversations, rootOf, serviceKey } from './conversations.ts';
import { renderForm } from './dialog.ts';
import type { Member, TeamsPort } from './port.ts';
import type { Poster } from './post.ts';
import { type AdaptiveCard, type RenderOptions, renderCard, titleOf } from './render.ts';

export interface ReceiveOptions {
  readonly log: Log;
  readonly port: TeamsPort;
  readonly poster: Poster;
  readonly conversations: Conversations;
  readonly render: () => RenderOptions;
  readonly commands: readonly CommandSpec[];
  readonly answer: (request: Request) => Promise<Reply>;
  readonly forms: Forms;
  /** Whether the roster's e-mail address may say who somebody is: the policy does not know them by their id. */
  readonly wantsEmail: (actor: Identity) => boolean;
  /** Everything is answered where it was asked: there is one reader. */
  readonly alone: boolean;
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

const cardType = 'application/vnd.microsoft.card.adaptive';

export const receiver = (
  options: ReceiveOptions,
): ((incoming: Incoming, receivedAt: Date) => Promise<Told>) => {
  const { log, port, poster, conversations, answer, forms, commands } = options;
  const emails = new Map<string, string>();

  /** Best effort: the platform's memory and messages must not fail what was acted on. */
  const quietly = async (what: string, act: () => Promise<unknown>): Promise<void> => {
    try {
      await act();
    } catch (error) {
      log.warn({ platform: 'teams', err: error }, what);
    }
  };

  /** Teams vouches for the address: it comes from the roster, never from the message. */
  const withEmail = async ({ actor, user, place }: Incoming): Promise<Identity | undefined> => {
    if (actor === undefined || user === undefined || !options.wantsEmail(actor)) return actor;
    const key = emailKey({ place, actor });
    const known = emails.get(key);
    if (known !== undefined) return { ...actor, email: known };
    try {
      const email = addressOf(await port.getMember(place, user), actor.id);
      if (email === undefined) return actor;
      if (emails.size > 10_000) emails.clear();
      emails.set(key, email);
      return { ...actor, email };
    } catch (error) {
      log.warn({ platform: 'teams', err: error }, 'the roster does not say who somebody is');
      return actor;
    }
  };

  const requestOf = async (
    incoming: Incoming,
    receivedAt: Date,
    said: Pick<Request, 'verb' | 'subject' | 'args' | 'flags'>,
  ): Promise<Request | undefined> => {
    const actor = await withEmail(incoming);
    if (actor === undefined) return undefined;
    const { id, isPersonal, place } = incoming;
    return { id, actor, ...(isPersonal ? {} : { channel: rootOf(place.conversation) }), ...said, receivedAt };
  };

  /** To the one who asked, or to all where it was asked; to whom cannot be written to alone, where they asked. */
  const reply = async ({ isPersonal, actor, place }: Incoming, { card, audience }: Reply): Promise<void> => {
    if (options.alone || isPersonal || audience === 'channel' || actor === undefined)
      return void (await poster.say(place, card));
    try {
      await poster.post({ kind: 'person', id: actor.id }, card);
    } catch (error) {
      log.info({ platform: 'teams', err: error }, 'an answer is given where it was asked for');
      await poster.say(place, card);
    }
  };

  /** A resend of a message acts again without effect (L8), and is not answered again. */
  const replyOnce = async (incoming: Incoming, say: () => Promise<unknown>): Promise<void> =>
    quietly('an answer was not posted', async () => {
      if (!(await conversations.claimAnswer(incoming.id))) return;
      try {
        await say();
      } catch (error) {
        await conversations.releaseAnswer(incoming.id);
        throw error;
      }
    });

  const remember = async ({ place, isPersonal, actor }: Incoming, email?: string): Promise<boolean> => {
    const root = { ...place, conversation: rootOf(place.conversation) };
    // A person is written to under their own id, or the address that the policy has for them.
    const keys = isPersonal ? [actor?.id, email?.toLowerCase()] : [root.conversation];
    const [isNew] = await Promise.all([
      ...keys.map((key) => (key === undefined ? false : conversations.keep(key, { ...root }))),
      conversations.keep(serviceKey, { serviceUrl: place.serviceUrl, tenant: place.tenant }),
    ]);
    return isNew ?? false;
  };

  const command = async (incoming: Incoming, receivedAt: Date, text: string): Promise<Told> => {
    const request = await requestOf(incoming, receivedAt, requestWords(text, commands));
    if (request === undefined) return { status: 200 };
    const answered = forms.wants(request)
      ? { card: invitation(request), audience: 'asker' as const }
      : await answer(request);
    return {
      status: 200,
      afterwards: () => replyOnce(incoming, () => reply(incoming, answered)),
    };
  };

  const press = async (incoming: Incoming, receivedAt: Date): Promise<Told> => {
    if (incoming.event.kind !== 'press') return { status: 200 };
    const { pressed, message, by } = incoming.event;
    const request = await requestOf(incoming, receivedAt, wordsOf(pressed));
    if (request === undefined) return { status: 200 };
    const answered = await answer(request);
    const { card } = answered;
    // The same card, of now: it takes the place of the one that was pressed, for everybody.
    const isSame = answered.refused === undefined && titleOf(card) === pressed.card;
    const afterwards = async (): Promise<void> => {
      if (!isSame) return replyOnce(incoming, () => reply(incoming, answered));
      if (message !== undefined)
        await quietly('a card was not redrawn after a press', () =>
          poster.update({ ...incoming.place, id: message }, card),
        );
    };
    if (by === 'message') return { status: 200, afterwards };
    if (by === 'refresh')
      return {
        status: 200,
        body: isSame ? cardAnswer(renderCard(card, options.render())) : messageAnswer(''),
      };
    return {
      status: 200,
      body: isSame ? cardAnswer(renderCard(card, options.render())) : messageAnswer(card.summary),
      afterwards,
    };
  };

  const openForm = async (incoming: Incoming, receivedAt: Date, pressed: Pressed): Promise<Told> => {
    const request = await requestOf(incoming, receivedAt, wordsOf(pressed));
    if (request === undefined) return { status: 200 };
    const opened = await forms.open(request);
    return {
      status: 200,
      body:
        opened.kind === 'form'
          ? dialog(opened.form.title, renderForm(opened.form))
          : dialog(opened.reply.card.title, withoutButtons(opened.reply.card, options.render())),
    };
  };

  const takeForm = async (incoming: Incoming, receivedAt: Date, pressed: Pressed): Promise<Told> => {
    const request = await requestOf(incoming, receivedAt, {
      ...wordsOf(pressed),
      flags: pressed.fields ?? {},
    });
    if (request === undefined) return { status: 200 };
    const { card, refused } = await answer(request);
    if (refused !== undefined) {
      const opened = await forms.open(request);
      if (opened.kind === 'form')
        return {
          status: 200,
          body: dialog(opened.form.title, renderForm(opened.form, [card.summary], pressed.fields)),
        };
    }
    return { status: 200, body: dialog(card.title, withoutButtons(card, options.render())) };
  };

  const greet = async (incoming: Incoming): Promise<Told> => ({
    status: 200,
    afterwards: () =>
      quietly('a greeting was not posted', async () => {
        if (await remember(incoming)) await poster.say(incoming.place, options.greeting());
      }),
  });

  const leave = async ({ place, isPersonal, actor }: Incoming): Promise<Told> => ({
    status: 200,
    afterwards: () =>
      quietly('a conversation was not given up', () =>
        conversations.bury(
          isPersonal && actor ? actor.id : rootOf(place.conversation),
          'the app was removed',
        ),
      ),
  });

  const deal = (incoming: Incoming, receivedAt: Date): Promise<Told> => {
    const { event } = incoming;
    switch (event.kind) {
      case 'command':
        return command(incoming, receivedAt, event.text);
      case 'press':
        return press(incoming, receivedAt);
      case 'form-wanted':
        return openForm(incoming, receivedAt, event.pressed);
      case 'form-filled':
        return takeForm(incoming, receivedAt, event.pressed);
      case 'met':
        return greet(incoming);
      case 'left':
        return leave(incoming);
      case 'unknown-invoke':
        return Promise.resolve({ status: 501 });
      case 'nothing':
        return Promise.resolve({ status: 200 });
    }
  };

  return async (incoming, receivedAt) => {
    const told = await deal(incoming, receivedAt);
    if (incoming.event.kind === 'met' || incoming.event.kind === 'left') return told;
    return {
      ...told,
      afterwards: async () => {
        await quietly('a conversation was not remembered', async () =>
          remember(incoming, emails.get(emailKey(incoming))),
        );
        await told.afterwards?.();
      },
    };
  };
};

const emailKey = ({ place, actor }: Pick<Incoming, 'place' | 'actor'>): string =>
  `${place.tenant} ${actor?.id}`;

const wordsOf = ({ verb, subject, args }: Pressed): Pick<Request, 'verb' | 'subject' | 'args'> => ({
  verb,
  ...(subject === undefined ? {} : { subject }),
  args,
});

/** A dialog opens by a button only. */
const invitation = ({ verb, subject = '', args }: Request): Card => ({
  title: verb.replace(/^./, (letter) => letter.toUpperCase()),
  tone: 'neutral',
  summary: 'There is a form for that.',
  blocks: [],
  buttons: [{ label: 'Open the form', verb, subject, args, style: 'primary' }],
});

/** Nothing in a dialog could redraw it. */
const withoutButtons = (card: Card, render: RenderOptions): AdaptiveCard =>
  renderCard({ ...card, buttons: [] }, render);

const cardAnswer = (value: AdaptiveCard): object => ({ statusCode: 200, type: cardType, value });

const messageAnswer = (value: string): object => ({
  statusCode: 200,
  type: 'application/vnd.microsoft.activity.message',
  value,
});

const dialog = (title: string, card: AdaptiveCard): object => ({
  task: {
    type: 'continue',
    value: { title, height: 'medium', width: 'medium', card: { contentType: cardType, content: card } },
  },
});

/** Of the member that was asked for, and no other. */
const addressOf = ({ aadObjectId, email, userPrincipalName }: Member, id: string): string | undefined =>
  aadObjectId === undefined || aadObjectId === id ? (email ?? userPrincipalName) : undefined;
