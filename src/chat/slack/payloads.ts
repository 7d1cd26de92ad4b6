import { z } from 'zod';
import { answerBlockId, Press } from './press.ts';

/** Where a payload comes from; an organisation's installation has no team. */
export interface Origin {
  readonly team?: string;
  readonly enterprise?: string;
}

/** What somebody did in Slack, as far as this app cares. */
export type Incoming = { readonly origin: Origin } & (
  | { readonly kind: 'command'; readonly user: string; readonly text: string; readonly place: Place }
  | {
      readonly kind: 'message';
      readonly user: string;
      readonly text: string;
      /** Stable over Slack's retries. */
      readonly event: string;
      readonly channel: string;
      readonly isDirect: boolean;
      readonly thread?: string;
    }
  | { readonly kind: 'press'; readonly user: string; readonly press: Press; readonly place: Place }
  | {
      readonly kind: 'submission';
      readonly user: string;
      readonly view: string;
      readonly trigger: string;
      readonly callback: string;
      readonly metadata: string;
      readonly values: Readonly<Record<string, string>>;
      /** The block of each field. */
      readonly blocks: Readonly<Record<string, string>>;
    }
  /** Something was chosen in a form that is still open. */
  | {
      readonly kind: 'choice';
      readonly user: string;
      readonly view: string;
      /** Of what the view showed. */
      readonly hash: string;
      readonly trigger: string;
      readonly metadata: string;
      readonly values: Readonly<Record<string, string>>;
    }
  | { readonly kind: 'home'; readonly user: string; readonly event: string }
  | { readonly kind: 'removed'; readonly event: string }
  | { readonly kind: 'other'; readonly type: string }
);

/** Where somebody is and how they can be answered there. */
export interface Place {
  readonly trigger: string;
  /** Works five times within half an hour. */
  readonly responseUrl?: string;
  readonly channel?: string;
  /** The message that was pressed: `answer` is one that nobody else redraws. */
  readonly message?: { readonly kind: 'answer' | 'posted'; readonly title?: string };
  /** App Home was pressed, or a form. */
  readonly view?: 'home' | 'modal';
}

/** Total: whatever it does not know is `other`, and is acknowledged like the rest. */
export const readPayload = (body: unknown): Incoming => {
  const origin = originOf(body);
  const command = Command.safeParse(body);
  if (command.success) return { origin, ...command.data };
  const event = EventCallback.safeParse(body);
  if (event.success) return { origin, ...event.data };
  const press = BlockActions.safeParse(body);
  if (press.success) return { origin, ...press.data };
  const choice = Chosen.safeParse(body);
  if (choice.success) return { origin, ...choice.data };
  const submission = Submission.safeParse(body);
  if (submission.success) return { origin, ...submission.data };
  const { data } = z.object({ type: z.string() }).safeParse(body);
  return { origin, kind: 'other', type: data?.type ?? 'unknown' };
};

const isDirect = (channel: string): boolean => channel.startsWith('D');
const inChannel = (channel: string | undefined): { readonly channel?: string } =>
  channel === undefined || isDirect(channel) ? {} : { channel };

const Command = z
  .object({
    command: z.string(),
    text: z.string().default(''),
    user_id: z.string(),
    channel_id: z.string(),
    trigger_id: z.string(),
    response_url: z.string().optional(),
  })
  .transform(({ command, text, user_id: user, channel_id, trigger_id: trigger, response_url }) => ({
    kind: 'command' as const,
    user,
    // `/signalbox change list` and `/change list` are the same words.
    text: `${command.replace(/^\/(signalbox\b)?/i, '')} ${unformatted(text)}`.trim(),
    place: { trigger, ...inChannel(channel_id), ...(response_url ? { responseUrl: response_url } : {}) },
  }));

const MessageEvent = z.object({
  type: z.enum(['app_mention', 'message']),
  channel_type: z.string().optional(),
  subtype: z.string().optional(),
  bot_id: z.string().optional(),
  user: z.string(),
  text: z.string(),
  channel: z.string(),
  thread_ts: z.string().optional(),
});
const HomeEvent = z.object({
  type: z.literal('app_home_opened'),
  user: z.string(),
  tab: z.literal('home').optional(),
});
const Removal = z.object({ type: z.enum(['app_uninstalled', 'tokens_revoked']) });

const EventCallback = z
  .object({ type: z.literal('event_callback'), event_id: z.string(), event: z.unknown() })
  .transform(({ event_id: event, event: inner }) => {
    const home = HomeEvent.safeParse(inner).data;
    if (home !== undefined) return { kind: 'home' as const, user: home.user, event };
    if (Removal.safeParse(inner).success) return { kind: 'removed' as const, event };
    const said = MessageEvent.safeParse(inner).data;
    // Edits, joins and what bots say are no requests; a mention in a direct conversation comes as a message too.
    const isRequest =
      said !== undefined &&
      (said.subtype === undefined || said.subtype === 'file_share') &&
      said.bot_id === undefined &&
      (said.type === 'app_mention' ? !isDirect(said.channel) : said.channel_type === 'im');
    if (!isRequest) return { kind: 'other' as const, type: 'event' };
    return {
      kind: 'message' as const,
      user: said.user,
      event,
      // Only the first mention is the address; others name people.
      text: unformatted(said.text.replace(/^\s*<@[UW][A-Z0-9]+(?:\|[^>]*)?>[\s,:]*/, '')),
      channel: said.channel,
      isDirect: isDirect(said.channel),
      ...(said.thread_ts === undefined ? {} : { thread: said.thread_ts }),
    };
  });

const BlockActions = z
  .object({
    type: z.literal('block_actions'),
    user: z.object({ id: z.string() }),
    trigger_id: z.string(),
    response_url: z.string().optional(),
    channel: z.object({ id: z.string() }).optional(),
    container: z.object({ is_ephemeral: z.boolean().optional() }).optional(),
    view: z.object({ type: z.string() }).optional(),
    message: z
      .object({
        blocks: z
          .array(
            z.object({
              type: z.string(),
              block_id: z.string().optional(),
              text: z.object({ text: z.string() }).optional().catch(undefined),
            }),
          )
          .catch([]),
      })
      .optional(),
    actions: z.tuple([z.object({ action_id: z.string(), value: z.string() })], z.unknown()),
  })
  .transform((body, context) => {
    const [{ value }] = body.actions;
    const press = Press.safeParse(parsed(value));
    if (!press.success) return refused(context);
    const header = body.message?.blocks[0];
    const isAnswer = body.container?.is_ephemeral === true || header?.block_id === answerBlockId;
    const title = header?.type === 'header' ? header.text?.text : undefined;
    const place: Place = {
      trigger: body.trigger_id,
      ...inChannel(body.channel?.id),
      ...(body.response_url === undefined ? {} : { responseUrl: body.response_url }),
      ...(body.view === undefined ? {} : { view: body.view.type === 'home' ? 'home' : 'modal' }),
      ...(body.view === undefined
        ? { message: { kind: isAnswer ? 'answer' : 'posted', ...(title === undefined ? {} : { title }) } }
        : {}),
    };
    return { kind: 'press' as const, user: body.user.id, press: press.data, place };
  });

const State = z.object({
  values: z.record(
    z.string(),
    z.record(
      z.string(),
      z.object({
        value: z.string().nullish(),
        selected_option: z.object({ value: z.string() }).nullish(),
      }),
    ),
  ),
});
type State = z.infer<typeof State>;

/** By the fields' names, which are their action ids. */
const valuesOf = ({ values }: State): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Object.values(values).flatMap((block) =>
      Object.entries(block).map(([name, state]) => [name, state.selected_option?.value ?? state.value ?? '']),
    ),
  );

const Chosen = z
  .object({
    type: z.literal('block_actions'),
    user: z.object({ id: z.string() }),
    trigger_id: z.string().default(''),
    view: z.object({
      type: z.literal('modal'),
      id: z.string(),
      hash: z.string(),
      private_metadata: z.string(),
      state: State,
    }),
    actions: z.tuple([z.object({ type: z.literal('static_select') })], z.unknown()),
  })
  .transform(({ user, trigger_id, view }) => ({
    kind: 'choice' as const,
    user: user.id,
    view: view.id,
    hash: view.hash,
    trigger: trigger_id,
    metadata: view.private_metadata,
    values: valuesOf(view.state),
  }));

const Submission = z
  .object({
    type: z.literal('view_submission'),
    user: z.object({ id: z.string() }),
    trigger_id: z.string().default(''),
    view: z.object({
      id: z.string(),
      callback_id: z.string().default(''),
      private_metadata: z.string().default(''),
      state: State,
    }),
  })
  .transform(({ user, trigger_id, view }) => ({
    kind: 'submission' as const,
    user: user.id,
    view: view.id,
    trigger: trigger_id,
    callback: view.callback_id,
    metadata: view.private_metadata,
    values: valuesOf(view.state),
    blocks: Object.fromEntries(
      Object.entries(view.state.values).flatMap(([block, fields]) =>
        Object.keys(fields).map((name) => [name, block]),
      ),
    ),
  }));

const refused = (context: z.RefinementCtx): never => {
  context.addIssue({ code: 'custom', message: 'no press of ours' });
  return z.NEVER;
};

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

const Team = z.object({ id: z.string() }).nullish().catch(undefined);
const Id = z.string().nullish().catch(undefined);
const Origins = z.object({
  team: Team,
  team_id: Id,
  enterprise: Team,
  enterprise_id: Id,
  authorizations: z
    .array(z.object({ team_id: Id, enterprise_id: Id }))
    .nullish()
    .catch(undefined),
});

/** In an event, the installation that it is for counts, not the workspace where it happened (shared channels). */
const originOf = (body: unknown): Origin => {
  const { data } = Origins.safeParse(body);
  const installation = data?.authorizations?.[0];
  const team = installation?.team_id ?? data?.team?.id ?? data?.team_id;
  const enterprise = installation?.enterprise_id ?? data?.enterprise?.id ?? data?.enterprise_id;
  return { ...(team ? { team } : {}), ...(enterprise ? { enterprise } : {}) };
};

/** Slack's markup back to what was typed: links and channels by their names, the three escaped characters. */
export const unformatted = (text: string): string =>
  text
    .replace(/<(?:https?:|mailto:)[^>|]*\|([^>]*)>/g, '$1')
    .replace(/<((?:https?:|mailto:)[^>|]*)>/g, '$1')
    .replace(/<#[A-Z0-9]+\|([^>]*)>/g, '#$1')
    .replace(/<@([UW][A-Z0-9]+)\|[^>]*>/g, '<@$1>')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&');
