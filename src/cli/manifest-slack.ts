import type { CommandSpec } from '../chat/parse.ts';
import { slackManifest } from '../chat/slack/manifest.ts';
import type { Settings } from '../settings.ts';

/** For those who have no address yet: they replace it, or take `--socket`. */
export const examplePublicUrl = 'https://signalbox.example.com';

export const manifestSlackCommand = (
  settings: Pick<Settings, 'publicUrl'>,
  commands: readonly CommandSpec[],
  { socket }: { readonly socket?: boolean },
) =>
  slackManifest({
    commands,
    ...(socket === true ? {} : { publicUrl: settings.publicUrl ?? examplePublicUrl }),
  });
