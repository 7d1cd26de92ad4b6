import { writeFileSync } from 'node:fs';
import type { CommandSpec } from '../chat/parse.ts';
import { teamsManifest, teamsPackage } from '../chat/teams/manifest.ts';
import { refuse } from '../domain/refusal.ts';
import type { Settings } from '../settings.ts';

export interface TeamsPackageOptions {
  /** Default: that of the settings. */
  readonly appId?: string;
  readonly out: string;
  readonly json?: boolean;
}

const guid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** Writes the app package for Teams, or its manifest alone to the text that is returned. Refused without an app id. */
export const manifestTeamsCommand = (
  settings: Settings,
  about: { readonly commands: readonly CommandSpec[]; readonly version: string },
  { appId: named, out, json }: TeamsPackageOptions,
): string => {
  const appId = named ?? (settings.teams?.kind === 'azure' ? settings.teams.appId : undefined);
  if (appId === undefined || !guid.test(appId))
    return refuse({
      code: 'app-id-missing',
      facts: { needs: 'MicrosoftAppId in the environment, or --app-id; a GUID' },
    });
  const options = {
    ...about,
    appId,
    ...(settings.publicUrl === undefined ? {} : { website: settings.publicUrl }),
  };
  if (json === true) return JSON.stringify(teamsManifest(options), null, 2);
  writeFileSync(out, teamsPackage(options));
  return `${out}: upload it in Teams under Apps, Manage your apps, Upload an app.`;
};
