import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { crc32, inflateSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { handlers } from '../../handlers/index.ts';
import { colorIcon, outlineIcon } from '../../src/chat/teams/icons.ts';
import { teamsManifest, teamsPackage } from '../../src/chat/teams/manifest.ts';
import { company } from '../support/teams-server.ts';

const require = createRequire(import.meta.url);
const options = { appId: company.app, version: '0.1.0', commands: handlers };

/** What the published schema of Teams' app manifests finds fault with. */
const faultsOf = (manifest: object): readonly unknown[] => {
  const schema: object = require('@microsoft/app-manifest/build/json-schemas/teams/v1.30/MicrosoftTeams.schema.json');
  // CommonJS packages whose types do not say so.
  const Ajv = require('ajv-draft-04').default;
  const addFormats = require('ajv-formats').default;
  const ajv = new Ajv({ allErrors: true, strict: false });
  addFormats(ajv);
  const validate = ajv.compile(schema);
  return validate(manifest) ? [] : validate.errors;
};

const sizeOf = (png: Buffer) => [png.readUInt32BE(16), png.readUInt32BE(20)];

describe('the app package for Teams', () => {
  it('has a manifest that the published schema accepts', () => {
    expect(faultsOf(teamsManifest(options))).toEqual([]);
    expect(faultsOf({ ...teamsManifest(options), accentColor: 'blue' })).not.toEqual([]);
  });

  it('suggests twelve verbs of the handlers’ table, and help', () => {
    const [list] = teamsManifest(options).bots[0]?.commandLists ?? [];
    const verbs = new Set(handlers.map(({ verb }) => verb));
    expect(list?.commands).toHaveLength(12);
    for (const { title } of list?.commands ?? []) expect(verbs).toContain(title);
    expect(list?.commands.map(({ title }) => title)).toEqual(
      expect.arrayContaining(['train', 'change', 'deploy', 'help']),
    );
  });

  it('names the operator’s own pages when they are served securely', () => {
    expect(teamsManifest({ ...options, website: 'https://bot.shop.example' }).developer.privacyUrl).toBe(
      'https://bot.shop.example/privacy',
    );
    expect(teamsManifest({ ...options, website: 'http://bot.shop.example' }).developer.websiteUrl).toMatch(
      /^https:/,
    );
  });

  it('has the icons that Teams asks for', () => {
    expect([sizeOf(colorIcon()), sizeOf(outlineIcon())]).toEqual([
      [192, 192],
      [32, 32],
    ]);
    // White on nothing: the outline has no other colour.
    const data = outlineIcon();
    const length = data.readUInt32BE(33);
    const pixels = inflateSync(data.subarray(41, 41 + length));
    const colours = new Set<string>();
    for (let row = 0; row < 32; row++)
      for (let column = 0; column < 32; column++) {
        const at = row * 129 + 1 + column * 4;
        if (pixels[at + 3] !== 0) colours.add(pixels.subarray(at, at + 3).toString('hex'));
      }
    expect([...colours]).toEqual(['ffffff']);
  });

  it('is a zip of three files, the same bytes each time', () => {
    const bytes = teamsPackage(options);
    const files = unzipped(bytes);
    expect([...files.keys()]).toEqual(['manifest.json', 'color.png', 'outline.png']);
    expect(JSON.parse(files.get('manifest.json')?.toString('utf8') ?? '')).toEqual(teamsManifest(options));
    expect(files.get('color.png')).toEqual(colorIcon());
    expect(teamsPackage(options)).toEqual(bytes);
  });

  it('is the one in manifests/, but for the app’s id and what is suggested first', () => {
    const kept = JSON.parse(
      readFileSync(join(import.meta.dirname, '..', '..', 'manifests', 'teams.json'), 'utf8'),
    );
    const made = teamsManifest({ ...options, appId: '00000000-0000-0000-0000-000000000000' });
    const verbs = new Set(handlers.map(({ verb }) => verb));
    expect(faultsOf(kept)).toEqual([]);
    for (const { title } of kept.bots[0].commandLists[0].commands) expect(verbs).toContain(title);
    const withoutCommands = (text: string): object =>
      JSON.parse(text, (key, value) => (key === 'commands' ? undefined : value));
    expect(withoutCommands(JSON.stringify(kept))).toEqual(withoutCommands(JSON.stringify(made)));
  });
});

/** As programs read a zip: from its end to the directory, from there to the files, each against its checksum. */
const unzipped = (bytes: Buffer): ReadonlyMap<string, Buffer> => {
  const end = bytes.length - 22;
  expect(bytes.readUInt32LE(end)).toBe(0x06054b50);
  const files = new Map<string, Buffer>();
  let at = bytes.readUInt32LE(end + 16);
  for (let n = bytes.readUInt16LE(end + 10); n > 0; n--) {
    expect(bytes.readUInt32LE(at)).toBe(0x02014b50);
    const length = bytes.readUInt16LE(at + 28);
    const name = bytes.subarray(at + 46, at + 46 + length).toString('utf8');
    const local = bytes.readUInt32LE(at + 42);
    expect(bytes.readUInt32LE(local)).toBe(0x04034b50);
    const start = local + 30 + bytes.readUInt16LE(local + 26) + bytes.readUInt16LE(local + 28);
    const content = bytes.subarray(start, start + bytes.readUInt32LE(at + 24));
    expect(crc32(content)).toBe(bytes.readUInt32LE(at + 16));
    files.set(name, content);
    at += 46 + length;
  }
  expect(at).toBe(end);
  return files;
};
