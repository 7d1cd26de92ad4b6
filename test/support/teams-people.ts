import { randomUUID } from 'node:crypto';
import { aad, bot, company, type Posted, type TeamsServer, type Told } from './teams-server.ts';

type Json = Readonly<Record<string, unknown>>;

/** Where people talk in Teams. */
export const places = {
  /** A new post in the channel, or a reply in a thread of it. */
  channel: (thread?: string) => ({
    id: thread ?? `${company.channel};messageid=${Date.now()}`,
    conversationType: 'channel',
    isGroup: true,
    tenantId: company.tenant,
  }),
  chat: {
    id: '19:meeting@thread.v2',
    conversationType: 'groupChat',
    isGroup: true,
    tenantId: company.tenant,
  },
  personal: (name: string) => ({
    id: `a:${aad(name)}`,
    conversationType: 'personal',
    tenantId: company.tenant,
  }),
};

export interface People {
  /** An activity as Teams sends it; `over` replaces what is named. */
  send(activity: Json, token?: string): Promise<Told>;
  /** Mentions the bot where that is needed. */
  say(name: string, words: string, where?: Json, over?: Json): Promise<Told>;
  /** Presses a button of a message: `Approve`, or `Veto` and then `Yes, Veto`. */
  press(name: string, on: Posted, label: string, over?: Json, typed?: Json): Promise<Told>;
  /** The message as this person's client shows it: some are shown a card of their own. */
  view(name: string, on: Posted): Promise<Json>;
  invoke(name: string, what: string, value: unknown, where: Json, over?: Json): Promise<Told>;
}

/** `endpoint`: of the bot, or of one of its instances after the other. */
export const people = (teams: TeamsServer, endpoint: string | (() => string)): People => {
  const base = (name: string, where: Json): Json => ({
    id: randomUUID(),
    channelId: 'msteams',
    serviceUrl: teams.serviceUrl,
    from: { id: `29:${aad(name)}`, name, aadObjectId: aad(name) },
    recipient: bot,
    conversation: where,
    channelData: { tenant: { id: company.tenant } },
  });
  const send: People['send'] = async (
    activity,
    token = teams.token({ serviceurl: activity['serviceUrl'] }),
  ) => {
    const response = await fetch(typeof endpoint === 'string' ? endpoint : endpoint(), {
      method: 'POST',
      headers: { 'content-type': 'application/json; charset=utf-8', authorization: `Bearer ${token}` },
      body: JSON.stringify(activity),
    });
    const text = await response.text();
    return { status: response.status, body: text === '' ? undefined : JSON.parse(text) };
  };
  const invoke: People['invoke'] = (name, what, value, where, over = {}) =>
    send({ ...base(name, where), type: 'invoke', name: what, value, ...over });
  const view: People['view'] = async (name, on) => {
    const { action, userIds } = refreshOf(on);
    const isListed = userIds === undefined || userIds.includes(`29:${aad(name)}`);
    if (action === undefined || !isListed) return cardOf(on.activity);
    const value = { action, trigger: 'automatic' };
    const { body } = await invoke(name, 'adaptiveCard/action', value, whereOf(on), { replyToId: on.id });
    return JSON.stringify(body).includes('"AdaptiveCard"') ? cardOf(body) : cardOf(on.activity);
  };
  return {
    send,
    invoke,
    say: (name, words, where = places.channel(), over = {}) =>
      send({
        ...base(name, where),
        type: 'message',
        text: where['conversationType'] === 'personal' ? words : `<at>Signalbox</at>&nbsp;${words}\n`,
        entities: [{ type: 'mention', text: '<at>Signalbox</at>', mentioned: bot }],
        ...over,
      }),
    view,
    press: async (name, on, label, over = {}, typed = {}) => {
      const seen = [cardOf(on.activity)];
      // Where their own card does not have it they press what another's had, as somebody who means harm could.
      for (const viewer of [name, ...viewersOf(on)])
        if (!hasAction(seen, label)) seen.push(await view(viewer, on));
      return invoke(
        name,
        'adaptiveCard/action',
        { action: { type: 'Action.Execute', ...actionOf(seen, label, typed) }, trigger: 'manual' },
        whereOf(on),
        { replyToId: on.id, ...over },
      );
    },
  };
};

const whereOf = (on: Posted): Json => ({
  ...places.channel(on.conversation),
  ...(on.conversation.startsWith('a:') ? { conversationType: 'personal' } : {}),
});

const refreshOf = (on: Posted): { readonly action?: Json; readonly userIds?: readonly string[] } =>
  (cardOf(on.activity)['refresh'] as object | undefined) ?? {};

/** Whose clients ask for a card of their own by themselves, by name. */
const viewersOf = (on: Posted): readonly string[] =>
  (refreshOf(on).userIds ?? []).map((id) =>
    Buffer.from(id.slice(-12), 'hex').toString('utf8').replaceAll('\0', ''),
  );

const objects = (value: unknown): readonly Json[] =>
  Array.isArray(value)
    ? value.flatMap(objects)
    : typeof value === 'object' && value !== null
      ? [value as Json, ...Object.values(value).flatMap(objects)]
      : [];

/** The card of a message, or of an answer to an invoke. */
export const cardOf = (of: Json | undefined): Json => {
  const found = objects(of).find(({ type }) => type === 'AdaptiveCard');
  if (found === undefined) throw new Error(`no card in ${JSON.stringify(of)}`);
  return found;
};

export const actionsOf = (card: Json): readonly Json[] =>
  objects({ ...card, msteams: undefined, refresh: undefined }).filter(
    ({ type, title }) => String(type).startsWith('Action.') && title !== undefined,
  );

const executable = (cards: readonly Json[]): readonly Json[] =>
  cards.flatMap(actionsOf).filter(({ type }) => type === 'Action.Execute');

const hasAction = (cards: readonly Json[], label: string): boolean =>
  executable(cards).some(({ title }) => title === label);

const actionOf = (cards: readonly Json[], label: string, typed: Json): Json => {
  const actions = executable(cards);
  const found = actions.find(({ title }) => title === label);
  if (found === undefined)
    throw new Error(`no ${label} among ${actions.map(({ title }) => title).join(', ')}`);
  return { verb: found['verb'], data: { ...(found['data'] as Json), ...typed } };
};

/** What a reader sees of a card, line by line. */
export const linesOf = (of: Json | undefined): readonly string[] =>
  objects({ ...cardOf(of), refresh: undefined }).flatMap(({ type, text, inlines, title }) => {
    if (type === 'TextBlock') return [String(text).replaceAll('\\', '')];
    if (type === 'RichTextBlock')
      return [
        objects(inlines)
          .map((run) => (run['type'] === 'TextRun' ? run['text'] : ''))
          .join(''),
      ];
    return title !== undefined && type === 'Action.Execute' ? [`[${title}]`] : [];
  });
