import {
  type Activity,
  ConfigurationBotFrameworkAuthentication,
  type ConversationParameters,
} from 'botbuilder';
import {
  AuthenticationConstants,
  ClaimsIdentity,
  type ConnectorClient,
  type ServiceClientCredentialsFactory,
} from 'botframework-connector';
import { type Message, type Place, PortError, type TeamsPort, Unverified } from './port.ts';

export interface BotbuilderOptions {
  /** Empty: nothing is verified, nothing is signed. For loopback only (see `connect.ts`). */
  readonly appId: string;
  readonly appPassword?: string;
  readonly appType?: 'SingleTenant' | 'MultiTenant' | 'UserAssignedMSI';
  readonly tenantId?: string;
  /** Another cloud than the public one, by the names that the SDK gives its endpoints. */
  readonly cloud?: Readonly<Record<string, string>>;
  /** Default: made of the password, or of the managed identity. */
  readonly credentials?: ServiceClientCredentialsFactory;
  /** Milliseconds for one call; default 8,000. */
  readonly timeoutMs?: number;
}

/** The port on botbuilder 4.23.3: its authentication and its connector, without its turns, which end too early. */
export const botbuilderPort = (options: BotbuilderOptions): TeamsPort => {
  const {
    appId,
    appPassword,
    appType = 'SingleTenant',
    tenantId,
    cloud = {},
    timeoutMs: timeout = 8_000,
  } = options;
  const authentication = new ConfigurationBotFrameworkAuthentication(
    {
      MicrosoftAppId: appId,
      ...(appPassword === undefined ? {} : { MicrosoftAppPassword: appPassword }),
      MicrosoftAppType: appId === '' ? 'MultiTenant' : appType,
      ...(tenantId === undefined ? {} : { MicrosoftAppTenantId: tenantId }),
      ...cloud,
    },
    options.credentials,
  );
  const identity = new ClaimsIdentity([
    { type: AuthenticationConstants.AudienceClaim, value: appId },
    { type: AuthenticationConstants.AppIdClaim, value: appId },
  ]);
  const factory = authentication.createConnectorFactory(identity);
  const clients = new Map<string, Promise<ConnectorClient>>();
  const clientOf = async (serviceUrl: string): Promise<ConnectorClient> => {
    const known = clients.get(serviceUrl);
    if (known !== undefined) return known;
    const client = factory.create(serviceUrl).then(withoutRetries);
    clients.set(serviceUrl, client);
    client.catch(() => clients.delete(serviceUrl));
    return client;
  };
  const call = async <T>(
    { serviceUrl }: Pick<Place, 'serviceUrl'>,
    act: (client: ConnectorClient) => Promise<T>,
  ): Promise<T> => {
    try {
      return await act(await clientOf(serviceUrl));
    } catch (error) {
      throw portError(error);
    }
  };
  const bot = { id: `28:${appId}`, name: 'Signalbox' };

  return {
    verify: async (activity, authorization) => {
      try {
        // The SDK reads channel and service URL of it, and compares them with the token.
        await authentication.authenticateRequest(activity as Activity, authorization);
      } catch (error) {
        throw new Unverified(isOutage(error) ? 'unsure' : 'forged', error);
      }
    },
    send: (place, message) =>
      call(place, async ({ conversations }) => {
        const { id } = await conversations.sendToConversation(place.conversation, activityOf(message), {
          timeout,
        });
        return id;
      }),
    update: (place, id, message) =>
      call(place, async ({ conversations }) => {
        const activity = { ...activityOf(message), id };
        await conversations.updateActivity(place.conversation, id, activity, { timeout });
      }),
    remove: (place, id) =>
      call(place, async ({ conversations }) => {
        await conversations.deleteActivity(place.conversation, id, { timeout });
      }),
    createRoot: (channel, message) =>
      call(channel, async ({ conversations }) => {
        const { id: conversation, activityId } = await conversations.createConversation(
          {
            isGroup: true,
            bot,
            tenantId: channel.tenant,
            channelData: { channel: { id: channel.conversation }, tenant: { id: channel.tenant } },
            // The SDK's type asks for what Teams fills in itself.
            activity: activityOf(message) as Activity,
          },
          { timeout },
        );
        return { conversation, id: activityId ?? /;messageid=(.+)$/.exec(conversation)?.[1] ?? '' };
      }),
    createPersonal: (place, user) =>
      call(place, async ({ conversations }) => {
        const { id } = await conversations.createConversation(
          {
            isGroup: false,
            bot,
            tenantId: place.tenant,
            members: [{ id: user, name: '' }],
            channelData: { tenant: { id: place.tenant } },
            // The SDK's type asks for a first message, which Teams does without.
          } as unknown as ConversationParameters,
          { timeout },
        );
        return id;
      }),
    getMember: (place, user) =>
      call(place, async ({ conversations }) => {
        const member: Readonly<Record<string, unknown>> = {
          ...(await conversations.getConversationMember(place.conversation, user, { timeout })),
        };
        const text = (key: string) => {
          const value = member[key];
          return typeof value === 'string' && value !== '' ? { [key]: value } : {};
        };
        return {
          ...text('id'),
          ...text('aadObjectId'),
          ...(typeof member['objectId'] === 'string' ? { aadObjectId: member['objectId'] } : {}),
          ...text('email'),
          ...text('userPrincipalName'),
        };
      }),
  };
};

const activityOf = ({ summary, card, alert }: Message): Partial<Activity> => ({
  type: 'message',
  summary,
  attachments: [{ contentType: 'application/vnd.microsoft.card.adaptive', content: card }],
  ...(alert === true ? { channelData: { notification: { alert: true } } } : {}),
});

/**
 * The connector tries again by itself, four times in six seconds: what a lost answer hides would be posted twice. There
 * is no option for it, so its pipeline loses that policy; the outbox tries again, and says so.
 */
const withoutRetries = (client: ConnectorClient): ConnectorClient => {
  const inner: unknown = Reflect.get(client, 'client');
  if (typeof inner !== 'object' || inner === null || !('pipeline' in inner))
    throw new Error('an unknown connector');
  const { pipeline } = inner as {
    readonly pipeline: { removePolicy(by: { phase: 'Retry' }): readonly unknown[] };
  };
  if (pipeline.removePolicy({ phase: 'Retry' }).length === 0) throw new Error('an unknown connector');
  return client;
};

const field = (value: unknown, ...path: readonly string[]): unknown =>
  path.reduce<unknown>(
    (at, key) => (typeof at === 'object' && at !== null ? Reflect.get(at, key) : undefined),
    value,
  );

const portError = (error: unknown): PortError => {
  const status = field(error, 'statusCode');
  const code =
    field(error, 'body', 'error', 'code') ??
    field(error, 'details', 'error', 'code') ??
    field(error, 'code') ??
    field(error, 'name');
  const headers = field(error, 'response', 'headers');
  const after =
    typeof field(headers, 'get') === 'function' ? (headers as Headers).get('retry-after') : undefined;
  return new PortError(typeof code === 'string' && code !== '' ? code : 'unknown', {
    ...(typeof status === 'number' ? { status } : {}),
    ...(after != null && /^\d+$/.test(after) ? { retryAfterMs: Number(after) * 1_000 } : {}),
    cause: error,
  });
};

/** The keys of Teams could not be fetched: nobody's forgery. */
const isOutage = (error: unknown): boolean =>
  field(error, 'statusCode') === 500 ||
  ['FetchError', 'TypeError'].includes(String(field(error, 'name'))) ||
  typeof field(error, 'errno') === 'string';
