import { randomUUID } from 'node:crypto';
import { until } from './slack-app.ts';
import { type Chat, cardInAny, type Line, type Opening } from './stage.ts';
import { actionsOf, cardOf, linesOf, type People, places } from './teams-people.ts';
import { aad, company, type Posted, type TeamsServer, type Told } from './teams-server.ts';

type Json = Readonly<Record<string, unknown>>;

/** By the policy's names. */
export const teamsChannels = { releases: company.channel, oncall: '19:oncall@thread.tacv2' } as const;
const channelOf = (conversation: string): string | undefined =>
  Object.entries(teamsChannels).find(([, id]) => conversation.startsWith(id))?.[0];

export interface TeamsChat extends Chat {
  /** The message of the channel's card. */
  message(card: string): Posted;
}

/** What people do in Teams: they mention the bot in the channel, press and fill in dialogs. */
export const teamsChat = (server: TeamsServer, people: People, names: readonly string[]): TeamsChat => {
  const persons = new Map(names.map((name) => [`a:${aad(name)}`, name]));
  const mentionedIn = places.channel(`${company.channel};messageid=1`);
  /** A dialog is read by the one who has it open. */
  const dialogs: Line[] = [];

  const lines = (): readonly Line[] => [
    ...server.messages.map(({ conversation, id, activity }) => ({
      id: `${conversation}/${id}`,
      to: channelOf(conversation) ?? persons.get(conversation) ?? conversation,
      title: linesOf(activity)[0] ?? '',
      words: linesOf(activity).join('\n'),
    })),
    ...dialogs,
  ];
  const message: TeamsChat['message'] = (card) => {
    const line = cardInAny(lines(), card);
    const found = server.messages.find(({ conversation, id }) => `${conversation}/${id}` === line?.id);
    if (found === undefined) throw new Error(`no card ${card} in the channel`);
    return found;
  };
  const say = async (person: string, line: string, over: Json = {}): Promise<void> =>
    taken(await people.say(person, line.replace(/^\//, ''), mentionedIn, over));
  const press = async (person: string, label: string, on: Posted, over: Json = {}, typed: Json = {}) => {
    const cards = [cardOf(on.activity), await people.view(person, on)];
    const titles = cards.flatMap(actionsOf).map(({ title }) => title);
    const shown = titles.includes(`Yes, ${label}`) ? `Yes, ${label}` : label;
    const told = await people.press(person, on, shown, over, typed);
    taken(told);
    return told;
  };

  /** The form is a dialog where a button opens it, and a message where words ask for it. */
  const dialog = async (
    person: string,
    { clicks, on }: Extract<Opening, { readonly clicks: string }>,
    values: Json,
  ): Promise<string> => {
    const posted = message(on);
    const seen = await people.view(person, posted);
    const button = actionsOf(seen).find(({ title }) => title === clicks);
    if (button === undefined) throw new Error(`no button ${clicks} on ${on}`);
    const where = places.channel(posted.conversation);
    const opened = await people.invoke(person, 'task/fetch', { data: button['data'] }, where);
    taken(opened);
    const [send] = actionsOf(cardOf(opened.body));
    const filled = { ...defaultsOf(cardOf(opened.body)), ...values };
    const sent = await people.invoke(
      person,
      'task/submit',
      { data: { ...Object(send?.['data']), ...filled } },
      where,
    );
    taken(sent);
    const shown = cardOf(sent.body);
    const words = linesOf(sent.body).join('\n');
    if (isForm(shown)) return words;
    dialogs.push({ id: randomUUID(), to: person, title: linesOf(sent.body)[0] ?? '', words });
    return '';
  };
  /** Messages with forms that were refused and can be sent again. */
  const refused = new Map<Opening, Posted>();
  const askForForm = async (person: string, line: string): Promise<Posted> => {
    const before = server.messages.length;
    await say(person, line);
    const mine = (): Posted | undefined =>
      server.messages.slice(before).find(({ conversation }) => conversation === `a:${aad(person)}`);
    await until(() => mine() !== undefined, `no form for ${person}`);
    return mine() ?? Promise.reject(new Error(`no form for ${person}`));
  };
  const formMessage = async (
    person: string,
    opening: Extract<Opening, { readonly says: string }>,
    values: Json,
  ): Promise<string> => {
    const form = refused.get(opening) ?? (await askForForm(person, opening.says));
    refused.delete(opening);
    const send = actionsOf(cardOf(form.activity)).find(({ style }) => style === 'positive');
    const label = String(send?.['title']);
    const told = await press(person, label, form, {}, { ...defaultsOf(cardOf(form.activity)), ...values });
    if (!isForm(cardOf(told.body))) return '';
    refused.set(opening, form);
    return linesOf(told.body).join('\n');
  };

  return {
    name: 'Teams',
    isShared: true,
    hasThreads: true,
    lines,
    message,
    faults: () => (server.bearers.has('') ? ['a call without a token'] : []),
    says: (person, line) => say(person, line),
    clicks: async (person, label, card) => void (await press(person, label, message(card))),
    clicksTwice: async (person, label, card) => {
      // What is pressed again is what was seen then.
      const on = message(card);
      const found = actionsOf(await people.view(person, on)).find(({ title }) => title === label);
      if (found === undefined) throw new Error(`no button ${label} on ${card} for ${person}`);
      const value = {
        action: { type: 'Action.Execute', verb: found['verb'], data: found['data'] },
        trigger: 'manual',
      };
      const where = places.channel(on.conversation);
      const again = async (id: string): Promise<void> =>
        taken(await people.invoke(person, 'adaptiveCard/action', value, where, { id, replyToId: on.id }));
      const resent = randomUUID();
      await Promise.all([again(resent), again(resent)]);
      await again(randomUUID());
    },
    saysTwice: async (person, line) => {
      const resent = { id: randomUUID() };
      await Promise.all([1, 2].map(() => say(person, line, resent)));
      await say(person, line, resent);
    },
    fillsIn: (person, opening, values) => {
      const typed = Object.fromEntries(
        Object.entries(values).map(([name, value]) => [`field.${name}`, value]),
      );
      return 'clicks' in opening ? dialog(person, opening, typed) : formMessage(person, opening, typed);
    },
  };
};

const taken = ({ status }: Told): void => {
  if (status !== 200) throw new Error(`Teams was answered with ${status}`);
};

const inputsOf = (card: Json): readonly Json[] =>
  (Array.isArray(card['body']) ? card['body'] : []).filter((one: Json) =>
    String(one['type']).startsWith('Input.'),
  );
const isForm = (card: Json): boolean => inputsOf(card).length > 0;
/** What a form is sent with where nobody touched it. */
const defaultsOf = (card: Json): Json =>
  Object.fromEntries(
    inputsOf(card).flatMap(({ id, value }) => (value === undefined ? [] : [[String(id), value]])),
  );
