import { type ShopOptions, shop } from './shop.ts';
import { idOf, slackChannels } from './slack-chat.ts';
import type { ChannelName } from './stage.ts';
import { teamsChannels } from './teams-chat.ts';
import { aad } from './teams-server.ts';

export type Where = 'console' | 'slack' | 'teams';

/** Everybody in the shop's policy, and one who is only on the platforms. */
export const names = [
  'rita',
  'remy',
  'omar',
  'olga',
  'quinn',
  'quincy',
  'dana',
  'dev',
  'mira',
  'pia',
  'mallory',
] as const;

/** Operations are paged, and nobody else. */
const oncall = 'oncall: { escalations: { default: [{ after: 0m, page: [role:operations] }] } }\n';

/** The shop, whose people are all on these platforms; of mira the policy knows the address only. */
export const companyShop = (where: readonly Where[], options: ShopOptions = {}): string => {
  const ids = (name: string): string =>
    [
      ...(where.includes('slack') ? [`slack: ${idOf(name)}`] : []),
      ...(where.includes('teams') ? [`teams: ${aad(name)}`] : []),
    ].join(', ');
  const people = shop(options).replace(/^ {2}(\w+): \{(?: slack: \w+ )?\}$/gm, (_, name: string) =>
    name === 'mira' ? '  mira: { email: mira@shop.example }' : `  ${name}: { ${ids(name)} }`,
  );
  const channel = (name: ChannelName): string =>
    [
      ...(where.includes('slack') ? [`slack: ${slackChannels[name]}`] : []),
      ...(where.includes('teams') ? [`teams: "${teamsChannels[name]}"`] : []),
    ].join(', ');
  return where.every((place) => place === 'console')
    ? `${shop(options)}${oncall}`
    : `${people}${oncall}channels: { releases: { ${channel('releases')} }, oncall: { ${channel('oncall')} } }\n`;
};
