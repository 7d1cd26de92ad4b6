import type { CommandSpec } from '../parse.ts';
import { clip } from './limits.ts';

/** What each permission is needed for; a test holds it against the methods that are called. */
export const scopes = {
  'app_mentions:read': 'mentions of the app are requests',
  'channels:history': 'what may have been posted is looked for before it is posted again',
  'chat:write': 'cards are posted and edited',
  'chat:write.public': 'public channels need no invitation',
  commands: 'slash commands',
  'groups:history': 'the same look in private channels',
  'im:history': 'direct messages are requests, and the same look there',
  'im:write': 'reminders go to people directly',
  'usergroups:read': 'user groups may fill roles',
  'users:read': 'who somebody is whom the policy knows by address',
  'users:read.email': 'their address',
} as const;

const events = ['app_home_opened', 'app_mention', 'app_uninstalled', 'message.im', 'tokens_revoked'] as const;

export interface ManifestOptions {
  readonly commands: readonly CommandSpec[];
  readonly name?: string;
  /** Where Slack's requests go: the server as the world reaches it. Absent: Socket Mode, which needs no address. */
  readonly publicUrl?: string;
}

/** The app as Slack's "From a manifest" takes it: one slash command per group of verbs, and `/signalbox` for all. */
export const slackManifest = ({ commands, name = 'Signalbox', publicUrl }: ManifestOptions) => {
  const url = publicUrl === undefined ? {} : { url: `${publicUrl}/slack/events` };
  const request = publicUrl === undefined ? {} : { request_url: `${publicUrl}/slack/events` };
  const groups = [...new Set(commands.map(({ verb }) => verb.split(' ')[0] ?? verb))];
  return {
    _metadata: { major_version: 1 },
    display_information: {
      name,
      description: "Runs the company's release week: cutoffs, approvals, windows and deployments.",
      background_color: '#1d3557',
    },
    features: {
      app_home: { home_tab_enabled: true, messages_tab_enabled: true, messages_tab_read_only_enabled: false },
      bot_user: { display_name: name, always_online: true },
      slash_commands: [
        ...groups
          .filter((group) => !slackOwn.has(group))
          .map((group) => ({
            command: `/${group}`,
            ...url,
            ...describe(group, commands),
            should_escape: true,
          })),
        {
          command: '/signalbox',
          ...url,
          description: 'Everything that one can say, and help',
          usage_hint: clip(`[${groups.join('|')}]`, 1_000),
          should_escape: true,
        },
      ],
    },
    oauth_config: { scopes: { bot: Object.keys(scopes) } },
    settings: {
      interactivity: { is_enabled: true, ...request },
      event_subscriptions: { ...request, bot_events: [...events] },
      org_deploy_enabled: false,
      socket_mode_enabled: publicUrl === undefined,
      token_rotation_enabled: false,
    },
  };
};

/** Slack has commands of these names; ours are said as `/signalbox help`. */
const slackOwn = new Set(['help', 'home']);

const describe = (group: string, commands: readonly CommandSpec[]) => {
  const own = commands.find(({ verb }) => verb === group);
  const words = commands
    .filter(({ verb }) => verb.startsWith(`${group} `))
    .map(({ verb }) => verb.slice(group.length + 1));
  const summary = own?.summary ?? `${group}: ${words.join(', ')}`;
  const hint = words.length > 0 ? `[${words.join('|')}]` : (own?.usage ?? '');
  return {
    description: clip(summary.charAt(0).toUpperCase() + summary.slice(1), 2_000),
    ...(hint === '' ? {} : { usage_hint: clip(hint, 1_000) }),
  };
};
