import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { handlers } from '../../handlers/index.ts';
import { manifestTeamsCommand } from '../../src/cli/manifest-teams.ts';
import { packageVersion } from '../../src/cli/version.ts';
import { Refused } from '../../src/domain/refusal.ts';
import { readSettings } from '../../src/settings.ts';

const appId = '11111111-1111-1111-1111-111111111111';
const about = { commands: handlers, version: packageVersion() };
const settings = (more: Record<string, string> = {}) => readSettings(more);

describe('signalbox manifest teams', () => {
  it('writes the package for the app of the settings', () => {
    const folder = mkdtempSync(join(tmpdir(), 'signalbox-manifest-'));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    const out = join(folder, 'app.zip');
    const azure = settings({ MicrosoftAppId: appId, MicrosoftAppPassword: 'x', MicrosoftAppTenantId: appId });
    expect(manifestTeamsCommand(azure, about, { out })).toContain('upload');
    expect(readFileSync(out).toString('latin1')).toContain(`"botId": "${appId}"`);
  });

  it('prints the manifest with the version of Signalbox', () => {
    const text = manifestTeamsCommand(settings(), about, { out: '', json: true, appId });
    expect(JSON.parse(text)).toMatchObject({ id: appId, version: '0.1.0' });
  });

  it.each([{}, { appId: 'no-guid' }])('is refused without an app id: %o', (options) => {
    expect(() => manifestTeamsCommand(settings(), about, { out: '', ...options })).toThrow(Refused);
  });
});
