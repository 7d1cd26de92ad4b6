import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import type { Identity } from '../request.ts';
import { isPersonal } from './conversations.ts';
import { filledIn } from './dialog.ts';
import type { Place } from './port.ts';

const Named = z.object({ id: z.string() });

/** What Signalbox reads of an activity (Bot Framework protocol, Teams). Everything in it is somebody's claim. */
const Activity = z.object({
  type: z.string(),
  id: z.string().optional(),
  name: z.string().optional(),
  channelId: z.string(),
  serviceUrl: z.url(),
  from: z.object({ id: z.string(), aadObjectId: z.string().optional() }).optional(),
  recipient: Named.optional(),
  conversation: z.object({
    id: z.string().min(1),
    conversationType: z.string().optional(),
    tenantId: z.string().optional(),
  }),
  channelData: z
    .object({
      tenant: Named.optional(),
    })
    .nullish(),
  action: z.string().optional(),
  text: z.string().nullish(),
  value: z.unknown().optional(),
  entities: z.array(z.record(z.string(), z.unknown())).nullish(),
  replyToId: z.string().nullish(),
  membersAdded: z.array(Named).nullish(),
  membersRemoved: z.array(Named).nullish(),
});
export type Activity = z.infer<typeof Activity>;

const words = z.string().max(2_000);
const Data = z
  .object({
    verb: words,
    subject: words.optional(),
    args: z.array(words).max(20).optional(),
    card: z.string().optional(),
    form: z.literal(true).optional(),
    refill: z.literal(true).optional(),
    show: z.literal(true).optional(),
    key: words.optional(),
  })
  .loose();

/** A press of one of our buttons; a form's fields come as `fields`. */
export interface Pressed {
  readonly verb: string;
  readonly subject: string | undefined;
  readonly args: readonly string[];
  /** The title of the card that it was pressed on. */
  readonly card: string | undefined;
  readonly fields: Readonly<Record<string, string>> | undefined;
  /** The form is only to be drawn anew for what was chosen. */
  readonly refill: boolean;
  /** Its own words only show something: nobody has to press for that. */
  readonly shows: boolean;
  /** What the message was posted under. */
  readonly key: string | undefined;
}

/** What happened, in our words. */
export type Event =
  | { readonly kind: 'command'; readonly text: string }
  | {
      readonly kind: 'press';
      readonly pressed: Pressed;
      /** The message with the card. */
      readonly message: string | undefined;
      /** `invoke`: Teams waits for a card. `refresh`: nobody pressed anything. `message`: a client without invokes. */
      readonly by: 'invoke' | 'refresh' | 'message';
    }
  | { readonly kind: 'form-wanted' | 'form-filled'; readonly pressed: Pressed }
  | { readonly kind: 'met' }
  | { readonly kind: 'left' }
  | { readonly kind: 'unknown-invoke' }
  | { readonly kind: 'nothing' };

export interface Incoming {
  /** The same for every resend of one activity. */
  readonly id: string;
  readonly tenant: string;
  readonly place: Place;
  readonly isPersonal: boolean;
  /** Absent when nobody did it. */
  readonly actor: Identity | undefined;
  /** Teams' id for the actor in this conversation. */
  readonly user: string | undefined;
  readonly event: Event;
}

/** Undefined: it is no activity of Teams. */
export const readActivity = (body: unknown): Incoming | undefined => {
  const { data: activity } = Activity.safeParse(body);
  if (activity === undefined || activity.channelId !== 'msteams') return undefined;
  const { conversation, channelData, from, serviceUrl } = activity;
  const tenants = [conversation.tenantId, channelData?.tenant?.id].filter(
    (id) => id !== undefined && id !== '',
  );
  const [tenant] = tenants;
  // Two tenants in one activity: nobody knows whose it is.
  if (tenant === undefined || tenants.some((other) => other !== tenant)) return undefined;
  const user = from?.aadObjectId ?? from?.id;
  return {
    id: `teams ${conversation.id} ${activity.id ?? randomUUID()}`,
    tenant,
    place: { conversation: conversation.id, serviceUrl, tenant },
    isPersonal:
      conversation.conversationType === 'personal' ||
      (conversation.conversationType === undefined && isPersonal(conversation.id)),
    actor: user === undefined ? undefined : { platform: 'teams', tenant, id: user },
    user: from?.id,
    event: eventOf(activity),
  };
};

const eventOf = (activity: Activity): Event => {
  const { type, name, value, recipient } = activity;
  switch (type) {
    case 'message': {
      const pressed = pressedOf(value);
      if (pressed !== undefined)
        return { kind: 'press', pressed, message: activity.replyToId ?? undefined, by: 'message' };
      return { kind: 'command', text: commandOf(activity) };
    }
    case 'invoke':
      return invokeOf(activity, name);
    case 'installationUpdate':
      return { kind: activity.action?.startsWith('remove') === true ? 'left' : 'met' };
    case 'conversationUpdate': {
      const isBot = ({ id }: { readonly id: string }): boolean => id === recipient?.id;
      if (activity.membersAdded?.some(isBot) === true) return { kind: 'met' };
      if (activity.membersRemoved?.some(isBot) === true) return { kind: 'left' };
      return { kind: 'nothing' };
    }
    default:
      return { kind: 'nothing' };
  }
};

const invokeOf = ({ value, replyToId }: Activity, name: string | undefined): Event => {
  const inner = (key: string): unknown =>
    typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined;
  switch (name) {
    case 'adaptiveCard/action': {
      const action: unknown = inner('action');
      const data = typeof action === 'object' && action !== null ? Reflect.get(action, 'data') : undefined;
      const pressed = pressedOf(data);
      if (pressed === undefined) return { kind: 'unknown-invoke' };
      const by = inner('trigger') === 'automatic' ? 'refresh' : 'invoke';
      return { kind: 'press', pressed, message: replyToId ?? undefined, by };
    }
    case 'task/fetch':
    case 'task/submit': {
      const pressed = pressedOf(inner('data'));
      if (pressed === undefined) return { kind: 'unknown-invoke' };
      return { kind: name === 'task/fetch' ? 'form-wanted' : 'form-filled', pressed };
    }
    default:
      return { kind: 'unknown-invoke' };
  }
};

const pressedOf = (value: unknown): Pressed | undefined => {
  const { data } = Data.safeParse(value);
  if (data === undefined) return undefined;
  const { verb, subject, args = [], card, form, refill, show, key } = data;
  return {
    verb,
    subject: subject === '' ? undefined : subject,
    args,
    card,
    fields: form === true ? filledIn(data) : undefined,
    refill: form === true && refill === true,
    shows: show === true,
    key,
  };
};

/** The words after the mention. Whatever else is mentioned keeps its name; tags and entities become what they show. */
const commandOf = ({ text, entities, recipient }: Activity): string => {
  const mentions = (entities ?? []).flatMap((entity) => {
    const { type, text: shown, mentioned } = entity;
    const id = typeof mentioned === 'object' && mentioned !== null ? Reflect.get(mentioned, 'id') : undefined;
    return type === 'mention' && typeof shown === 'string' && shown !== '' && id === recipient?.id
      ? [shown]
      : [];
  });
  return mentions
    .reduce((rest, shown) => rest.replaceAll(shown, ' '), text ?? '')
    .replace(/<\/?(at|p|div|span|b|i|strong|em)(\s[^>]*)?>/gi, '')
    .replace(/<br\s*\/?>/gi, ' ')
    .replace(/&nbsp;|&#160;/gi, ' ')
    .replace(/&lt;/g, '<')
    .replace(/&gt;/g, '>')
    .replace(/&quot;|&#34;/g, '"')
    .replace(/&#39;/g, "'")
    .replace(/&amp;/g, '&')
    .trim();
};
