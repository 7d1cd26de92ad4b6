import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  sign,
  verify,
} from 'node:crypto';
import { closeSync, existsSync, fsyncSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import type { Notary } from './integration.ts';

const keyName = 'signalbox';
const algorithm = Buffer.from([1]);

/**
 * Signed notes (C2SP signed-note, Ed25519) by a key in the data folder, which is made when it is first needed and can be
 * read by its owner alone; the key to verify by is written beside it. Notes are kept in the file `checkpoints`, one JSON
 * text a line: copy the file and the verifier key to where those who run the database cannot write.
 */
export const createNotary = (folder: string): Notary => {
  const keyFile = join(folder, 'audit-key.pem');
  if (!existsSync(keyFile)) writeKey(keyFile);
  const key = createPrivateKey(readFileSync(keyFile, 'utf8'));
  const verifierKey = verifierKeyOf(createPublicKey(key));
  writeFileSync(join(folder, 'audit-key.pub'), `${verifierKey}\n`);
  const id = keyId(rawKey(createPublicKey(key)));
  return {
    verifierKey,
    sign: (text) =>
      `${text}\n— ${keyName} ${Buffer.concat([id, sign(null, Buffer.from(text), key)]).toString('base64')}\n`,
    keep: async (note) => {
      const file = await open(checkpointFile(folder), 'a');
      try {
        await file.appendFile(`${JSON.stringify({ note })}\n`);
        await file.sync();
      } finally {
        await file.close();
      }
    },
  };
};

export const checkpointFile = (folder: string): string => join(folder, 'checkpoints');
export const verifierKeyFile = (folder: string): string => join(folder, 'audit-key.pub');

/** Written by whoever comes first; another process that starts at the same moment finds it. */
const writeKey = (path: string): void => {
  const { privateKey } = generateKeyPairSync('ed25519');
  try {
    const file = openSync(path, 'wx', 0o600);
    try {
      writeFileSync(file, privateKey.export({ type: 'pkcs8', format: 'pem' }));
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
  } catch (error) {
    if (!existsSync(path)) throw error;
  }
};

const rawKey = (key: KeyObject): Buffer => Buffer.from(key.export({ format: 'jwk' }).x ?? '', 'base64url');

const keyId = (raw: Buffer): Buffer =>
  createHash('sha256').update(`${keyName}\n`).update(algorithm).update(raw).digest().subarray(0, 4);

const verifierKeyOf = (key: KeyObject): string => {
  const raw = rawKey(key);
  return `${keyName}+${keyId(raw).toString('hex')}+${Buffer.concat([algorithm, raw]).toString('base64')}`;
};

/** The text of a note that this key has signed; undefined for every other one. Never throws. */
export const openNote = (note: string, verifierKey: string): string | undefined => {
  const found = /^([\s\S]+?\n)\n((?:— \S+ [A-Za-z0-9+/=]+\n)+)$/.exec(note);
  // The key itself is base64 and may hold a plus too.
  const [, name, encoded = ''] = /^([^+]+)\+[^+]{8}\+(.+)$/.exec(verifierKey.trim()) ?? [];
  const key = Buffer.from(encoded, 'base64');
  if (found === null || name !== keyName || key.length !== 33 || key[0] !== 1) return undefined;
  const [, text = '', signatures = ''] = found;
  const raw = key.subarray(1);
  const publicKey = createPublicKey({
    key: { kty: 'OKP', crv: 'Ed25519', x: raw.toString('base64url') },
    format: 'jwk',
  });
  const signed = signatures.split('\n').some((line) => {
    const [, by, encodedSignature = ''] = line.split(' ');
    const signature = Buffer.from(encodedSignature, 'base64');
    return (
      by === keyName &&
      signature.toString('base64') === encodedSignature &&
      signature.length === 68 &&
      signature.subarray(0, 4).equals(keyId(raw)) &&
      verify(null, Buffer.from(text), publicKey, signature.subarray(4))
    );
  });
  return signed ? text : undefined;
};

/** Every note of the file; a line that is none, such as one that a crash has cut off, counts as an empty note. */
export const notesIn = (content: string): readonly string[] =>
  content
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      try {
        const { note } = JSON.parse(line) as { readonly note?: unknown };
        return typeof note === 'string' ? note : '';
      } catch {
        return '';
      }
    });
