import { until } from './slack-app.ts';
import type { Delivered, SlackMessage, SlackServer } from './slack-server.ts';
import { type Chat, cardInAny, type Line, type Opening } from './stage.ts';

/** By the policy's names. */
export const slackChannels = { releases: 'C01REL', oncall: 'C01ONC' } as const;
export const idOf = (name: string): string => `U0${name.toUpperCase()}`;
const channelNames = new Map<string, string>(Object.entries(slackChannels).map(([name, id]) => [id, name]));
const nameOf = (id: string): string => id.replace(/^D?U0/, '').toLowerCase();

export interface SlackChat extends Chat {
  /** The message of the channel's card. */
  message(card: string): SlackMessage;
  /** App Home, as this person sees it now. */
  home(person: string): string;
}

/** What people do in Slack, over whichever transport the server has. */
export const slackChat = (slack: SlackServer): SlackChat => {
  /** A log is read below what it belongs to. */
  const isLogOf = (root: SlackMessage, { channel, thread, ...message }: SlackMessage): boolean =>
    thread === root.ts && channel === root.channel && titleOf(message) === titleOf(root);
  const lines = (): readonly Line[] => {
    const visible = slack.messages.filter(({ deleted }) => deleted !== true);
    const roots = visible.filter((message) => !visible.some((root) => isLogOf(root, message)));
    return roots.map((message) => {
      const { channel, ts, onlyFor } = message;
      const reader = onlyFor ?? channel;
      const logs = visible.filter((log) => isLogOf(message, log));
      return {
        id: `${channel}/${ts}`,
        to: /^D?U0/.test(reader) ? nameOf(reader) : (channelNames.get(reader) ?? reader),
        title: titleOf(message),
        words: [message, ...logs].map(wordsOf).join('\n'),
      };
    });
  };
  const message: SlackChat['message'] = (card) => {
    const line = cardInAny(lines(), card);
    const found = slack.messages.find(({ channel, ts }) => `${channel}/${ts}` === line?.id);
    if (found === undefined) throw new Error(`no card ${card} in the channel`);
    return found;
  };
  const say = (person: string, line: string): Promise<Delivered> => {
    const [command = '', ...rest] = line.split(' ');
    return slack.command(idOf(person), command, rest.join(' '), {
      channel_id: slackChannels.releases,
    });
  };
  const click = (person: string, label: string, card: string): Promise<Delivered> =>
    slack.click(idOf(person), message(card), label);
  /** Forms that were refused and are still open. */
  const open = new Map<string, Opening>();
  const openForm = async (person: string, opening: Opening): Promise<void> => {
    if (open.get(person) === opening) return;
    slack.modals.delete(idOf(person));
    acknowledged(
      await ('says' in opening ? say(person, opening.says) : click(person, opening.clicks, opening.on)),
    );
    const isOpen = () => slack.modals.get(idOf(person))?.at(-1)?.['callback_id'] === 'signalbox:form';
    await until(isOpen, `no form for ${person}`);
  };
  return {
    name: 'Slack',
    isShared: true,
    hasThreads: true,
    lines,
    message,
    home: (person) => wordsOf({ blocks: (slack.homes.get(idOf(person))?.['blocks'] ?? []) as never }),
    faults: () => slack.faults,
    says: async (person, line) => acknowledged(await say(person, line)),
    clicks: async (person, label, card) => acknowledged(await click(person, label, card)),
    clicksTwice: async (person, label, card) => {
      // As it is now: what is pressed again is what was seen then.
      const on = { ...message(card) };
      const press = () => slack.click(idOf(person), on, label);
      for (const one of await Promise.all([press(), slack.redeliver(1)])) acknowledged(one);
      acknowledged(await press());
    },
    saysTwice: async (person, line) => {
      acknowledged(await say(person, line));
      acknowledged(await slack.redeliver(1));
    },
    fillsIn: async (person, opening, values) => {
      await openForm(person, opening);
      open.delete(person);
      const { body, ...delivered } = await slack.submit(idOf(person), values);
      acknowledged({ body, ...delivered });
      if (typeof body !== 'object' || body === null) return '';
      if ('errors' in body || 'view' in body) open.set(person, opening);
      if ('errors' in body) return Object.values(Object(body.errors)).join('\n');
      return 'view' in body ? wordsOf({ blocks: Object(body.view).blocks }) : '';
    },
  };
};

const acknowledged = ({ status, body }: Delivered): void => {
  if (status !== 200) throw new Error(`not acknowledged: ${status} ${JSON.stringify(body)}`);
};

export const titleOf = ({ blocks }: Pick<SlackMessage, 'blocks'>): string => {
  const [header] = blocks;
  const text = header?.['text'];
  return typeof text === 'object' && text !== null && 'text' in text ? String(text.text) : '';
};

/** All words of the blocks, with buttons in brackets. */
export const wordsOf = ({ blocks }: Pick<SlackMessage, 'blocks'>): string => {
  const words: string[] = [];
  const walk = (value: unknown): void => {
    if (Array.isArray(value)) for (const one of value) walk(one);
    else if (typeof value === 'object' && value !== null) {
      const { type, text, ...rest } = value as Record<string, unknown>;
      if (typeof text === 'string') words.push(text);
      else if (type === 'button') words.push(`[${String((text as Record<string, unknown>)['text'])}]`);
      else walk([text, ...Object.values(rest)]);
    }
  };
  walk(blocks);
  return words.join('\n');
};
