import type { CommandSpec } from '../parse.ts';
import { colorIcon, outlineIcon } from './icons.ts';
import { zip } from './zip.ts';

export interface ManifestOptions {
  /** Of the bot's registration. */
  readonly appId: string;
  /** Semantic version of Signalbox; Teams takes an update by it. */
  readonly version: string;
  readonly commands: readonly CommandSpec[];
  /** Where people read about who runs it; without it, Signalbox' own pages. */
  readonly website?: string;
}

const website = 'https://signalbox.example/';
const mostCommands = 12;

/** The app's manifest, schema 1.30: one bot for channels, group chats and personal chats. */
export const teamsManifest = (options: ManifestOptions) => {
  const { appId, version, commands } = options;
  const site = options.website?.startsWith('https://') === true ? options.website : website;
  const page = (path: string): string => new URL(path, site).href;
  return {
    $schema: 'https://developer.microsoft.com/json-schemas/teams/v1.30/MicrosoftTeams.schema.json',
    manifestVersion: '1.30',
    version,
    id: appId,
    developer: {
      name: 'Signalbox',
      websiteUrl: page('/'),
      privacyUrl: page('/privacy'),
      termsOfUseUrl: page('/terms'),
    },
    name: { short: 'Signalbox', full: 'Signalbox, which runs the release week' },
    description: {
      short: 'Runs a company’s release week from chat.',
      full: 'Changes, evidence, cutoffs, approvals and deployments of a weekly release: Signalbox shows on cards what is missing and whose move it is, reminds exactly those, and lets nothing into production whose papers are not in order.',
    },
    icons: { color: 'color.png', outline: 'outline.png' },
    accentColor: '#102A43',
    bots: [
      {
        botId: appId,
        scopes: ['personal', 'team', 'groupChat'],
        isNotificationOnly: false,
        supportsFiles: false,
        supportsCalling: false,
        supportsVideo: false,
        commandLists: [
          {
            scopes: ['personal', 'team', 'groupChat'],
            commands: suggested(commands).map(({ verb, usage, summary }) => ({
              title: verb.slice(0, 32),
              description: cut(usage === '' ? summary : `${summary} · ${usage}`, 128),
            })),
          },
        ],
      },
    ],
    permissions: ['identity', 'messageTeamMembers'],
    validDomains: [],
  };
};

/** Teams suggests twelve: each group's own verb first, then the rest in the table's order; help is always there. */
const suggested = (commands: readonly CommandSpec[]): readonly CommandSpec[] => {
  const help = commands.filter(({ verb }) => verb === 'help');
  const groups = commands.filter(({ verb }) => !verb.includes(' ') && verb !== 'help');
  const rest = commands.filter(({ verb }) => verb.includes(' '));
  return [...[...groups, ...rest].slice(0, mostCommands - help.length), ...help];
};

const cut = (text: string, most: number): string =>
  text.length <= most ? text : `${text.slice(0, most - 1)}…`;

/** What an administrator uploads: manifest and icons in a zip. */
export const teamsPackage = (options: ManifestOptions): Buffer =>
  zip([
    {
      name: 'manifest.json',
      content: Buffer.from(`${JSON.stringify(teamsManifest(options), null, 2)}\n`, 'utf8'),
    },
    { name: 'color.png', content: colorIcon() },
    { name: 'outline.png', content: outlineIcon() },
  ]);
