import type { Card } from '../card.ts';
import { createPace, type Meter } from '../pace.ts';
import { type Destination, type MessageRef, type Platform, PlatformError } from '../platform.ts';
import { asPlace, type Conversations, isChannel, isPersonal, rootOf, serviceKey } from './conversations.ts';
import { type Message, type Place, PortError, type TeamsPort } from './port.ts';
import { type RenderOptions, renderCard, summaryOf } from './render.ts';
import { createViewers } from './viewers.ts';

export interface PostOptions {
  readonly port: TeamsPort;
  readonly conversations: Conversations;
  readonly render: () => RenderOptions;
  readonly now: () => Date;
  /** Where Teams answers, and for which company, before anything was heard of it. */
  readonly home: Service;
  /** Whether a token may be sent there. */
  readonly isOurs: (serviceUrl: string) => boolean;
  /** There is one reader, who is everybody. */
  readonly alone: boolean;
}

type Service = Pick<Place, 'serviceUrl' | 'tenant'>;

export interface Poster extends Platform {
  /** A card as it is sent, with all its buttons. */
  drawn(card: Card): Message;
  /** As everybody there is shown it; the buttons of people who can be shown a card of their own are left to those. */
  shared(card: Card, place: Place, key?: string): Promise<Message>;
  /** As one of them is shown it, by their Entra object id. */
  personal(card: Card, user: string): Message;
  remove(ref: MessageRef): Promise<void>;
  /** In a conversation that is known, as an answer is. */
  say(place: Place, message: Message): Promise<MessageRef>;
  /** One person alone. */
  tell(person: string, message: Message): Promise<MessageRef>;
  redraw(ref: MessageRef, message: Message): Promise<void>;
}

/** Posts and edits cards. Each attempt is one: the outbox tries again. Throws `PlatformError`. */
export const teamsPoster = (options: PostOptions): Poster => {
  const { port, conversations, isOurs } = options;
  const pace = createPace();
  const viewers = createViewers({
    port,
    userOf: (person) => options.render().userOf(person),
    now: options.now,
  });

  const service = async (): Promise<Service> => {
    const { serviceUrl = options.home.serviceUrl, tenant = options.home.tenant } =
      (await conversations.find(serviceKey))?.place ?? {};
    return { serviceUrl, tenant };
  };
  const drawnWith = (card: Card, more: Partial<RenderOptions>): Message => ({
    summary: summaryOf(card),
    card: renderCard(card, { ...options.render(), ...more }),
  });
  const drawn = (card: Card): Message => drawnWith(card, {});
  const peopleOf = (card: Card): readonly string[] => [
    ...new Set(card.buttons.flatMap((button) => button.for ?? [])),
  ];
  const shared: Poster['shared'] = async (card, place, key) => {
    if (options.alone) return drawn(card);
    const ids = await viewers.find({ ...place, conversation: rootOf(place.conversation) }, peopleOf(card));
    return drawnWith(card, {
      // Whose own card nobody can draw finds the button here.
      shows: ({ for: people = [] }) => !people.some((person) => ids.has(person)),
      refresh: { userIds: [...ids.values()], ...(key === undefined ? {} : { key }) },
    });
  };
  const personal: Poster['personal'] = (card, user) => {
    if (options.alone) return drawn(card);
    const { userOf } = options.render();
    // Whom the policy knows by address only may be the one who reads it.
    const mayBe = (person: string): boolean => [user, undefined].includes(userOf(person));
    return drawnWith(card, {
      shows: ({ for: people }) => people?.some(mayBe) ?? true,
      refresh: { userIds: viewers.known(peopleOf(card)) },
    });
  };

  /** Answers and pages do not wait for a turn, but are counted. */
  const inTurn = async <T>(id: string, act: () => Promise<T>): Promise<T> => {
    pace.note(metersOf(id), options.now());
    return act();
  };
  /** One attempt. `key` is what dies when Teams says that nothing can be sent there, and what waits when it says so. */
  const attempt = async <T>(
    key: string,
    place: Pick<Place, 'serviceUrl'>,
    act: () => Promise<T>,
  ): Promise<T> => {
    if (!isOurs(place.serviceUrl)) throw new PlatformError('foreign-service-url', 'gone');
    try {
      return await act();
    } catch (error) {
      const known = platformError(error);
      if (isDeath(error)) await conversations.bury(rootOf(key), known.code);
      if (error instanceof PortError && error.status === 429)
        pace.hold(rootOf(key), new Date(options.now().getTime() + known.retryAfterMs));
      throw known;
    }
  };
  const alive = async (key: string): Promise<Place | undefined> => {
    const known = await conversations.find(key);
    if (known?.dead != null) throw new PlatformError(known.dead, 'gone');
    return known === undefined ? undefined : asPlace(known.place);
  };

  const say = async (place: Place, message: Message, key = place.conversation): Promise<MessageRef> => {
    const id = await attempt(key, place, () => port.send(place, message));
    return { ...place, id };
  };
  const channelOf = async (id: string): Promise<Place> => {
    const conversation = rootOf(id);
    return (await alive(conversation)) ?? { conversation, ...(await service()) };
  };
  const toChannel = async (
    id: string,
    message: Message,
    place: Place,
    thread: MessageRef | undefined,
  ): Promise<MessageRef> => {
    const root = rootOf(id);
    const below = thread?.['conversation'];
    if (below !== undefined && rootOf(below) === root && below !== root) {
      try {
        return await say({ ...place, conversation: below }, message, root);
      } catch (error) {
        // The thread's first post was deleted; the message matters more than its place.
        if (!(error instanceof PlatformError) || error.code !== 'no-such-message') throw error;
      }
    }
    if (!isChannel(root)) return say(place, message, root);
    const made = await attempt(root, place, () => port.createRoot({ ...place, conversation: root }, message));
    return { ...place, ...made };
  };
  const tell = async (id: string, message: Message): Promise<MessageRef> => {
    const known = await alive(id);
    if (known !== undefined) return say(known, { ...message, alert: true }, id);
    // By an address Teams opens no chat; they have to write first.
    if (id.includes('@')) throw new PlatformError('never-heard-of', 'gone');
    const at = await service();
    const conversation = await attempt(id, at, () => port.createPersonal(at, id));
    const place = { ...at, conversation };
    await conversations.keep(id, place);
    return say(place, { ...message, alert: true }, id);
  };
  const redraw = async (ref: MessageRef, message: Message): Promise<void> => {
    const place = asPlace(ref);
    const { id } = ref;
    if (place === undefined || id === undefined || id === '')
      throw new PlatformError('unknown-message', 'gone');
    const newest = { ...place, serviceUrl: (await service()).serviceUrl };
    await attempt(rootOf(place.conversation), newest, () => port.update(newest, id, message));
  };

  return {
    name: 'teams',
    turn: ({ id }) => pace.take(metersOf(id), options.now()),
    post: async (to: Destination, card, { key, thread } = {}) => {
      if (to.kind === 'channel') {
        const place = await channelOf(to.id);
        return toChannel(to.id, await shared(card, place, key), place, thread);
      }
      return tell(
        to.id,
        drawnWith(card, key === undefined || options.alone ? {} : { refresh: { userIds: [], key } }),
      );
    },
    update: async (ref, card) => {
      const place = asPlace(ref);
      const isShared = place !== undefined && !isPersonal(place.conversation);
      return redraw(ref, isShared ? await shared(card, place) : drawn(card));
    },
    remove: async (ref) => {
      const place = asPlace(ref);
      const { id } = ref;
      if (place !== undefined && id !== undefined)
        await attempt(rootOf(place.conversation), place, () => port.remove(place, id));
    },
    drawn,
    shared,
    personal,
    say: (place, message) => inTurn(place.conversation, () => say(place, message)),
    tell: (person, message) => inTurn(person, () => tell(person, message)),
    redraw: (ref, message) => inTurn(ref['conversation'] ?? '', () => redraw(ref, message)),
  };
};

/** Of one bot in one thread, as Teams documents it. All threads of a channel are taken as one. */
const inConversation: Meter['limits'] = [
  { most: 7, within: 1_000 },
  { most: 8, within: 2_000 },
  { most: 60, within: 30_000 },
  { most: 1_800, within: 3_600_000 },
];
/** Of one app in one tenant. */
const inTenant: Meter = { key: 'tenant', limits: [{ most: 50, within: 1_000 }] };

const metersOf = (id: string): [Meter, Meter] => [{ key: rootOf(id), limits: inConversation }, inTenant];

/** Of 403 answers (Teams, “status codes from bot conversational APIs”): there is no use in trying again. */
const deaths = new Set([
  'BotNotInConversationRoster',
  'MessageWritesBlocked',
  'BotDisabledByAdmin',
  'BotDisabledByUser',
  'ConversationBlockedByUser',
  'NotEnoughPermissions',
  'ForbiddenOperationException',
  'InvalidBotApiHost',
]);

const isDeath = (error: unknown): boolean =>
  error instanceof PortError && error.status === 403 && deaths.has(error.code);

const neverSent = /^(ECONNREFUSED|ENOTFOUND|EAI_AGAIN|invalid_client)$/;

/** Milliseconds in which a client that shows the message tells us so; then it is posted again. */
const unsureMs = 10_000;

const platformError = (error: unknown): PlatformError => {
  if (!(error instanceof PortError)) throw error;
  const { status, code, retryAfterMs } = error;
  if (status === undefined)
    // Nobody was there to post it; of anything else the answer may have been lost.
    return neverSent.test(code)
      ? new PlatformError(code, 'retry', 1_000)
      : new PlatformError(code, 'unknown', unsureMs);
  if (status === 404) return new PlatformError('no-such-message', 'gone');
  if (status === 403 && deaths.has(code)) return new PlatformError(code, 'gone');
  if (status === 401 || status === 403) return new PlatformError(code, 'retry', 60_000);
  if (status === 412 || status === 429) return new PlatformError(code, 'retry', retryAfterMs ?? 2_000);
  if (status >= 500)
    return status === 502
      ? new PlatformError(code, 'retry', retryAfterMs ?? 2_000)
      : new PlatformError(code, 'unknown', retryAfterMs ?? unsureMs);
  return new PlatformError(code, 'gone');
};
