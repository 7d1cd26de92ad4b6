import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { preAuthentication } from '../../src/domain/provenance.ts';

export interface Signer {
  readonly pem: string;
  readonly key: KeyObject;
}

const signerOf = ({ publicKey, privateKey }: { publicKey: KeyObject; privateKey: KeyObject }): Signer => ({
  pem: publicKey.export({ type: 'spki', format: 'pem' }).toString(),
  key: privateKey,
});

export const ed25519 = (): Signer => signerOf(generateKeyPairSync('ed25519'));
export const rsa = (): Signer => signerOf(generateKeyPairSync('rsa', { modulusLength: 2_048 }));
export const ecdsa = (): Signer => signerOf(generateKeyPairSync('ec', { namedCurve: 'P-256' }));

export interface Claim {
  readonly artifact: string;
  readonly builder: string;
  readonly repository?: string;
}

/** A SLSA v1 provenance as builders write it. */
export const statement = ({ artifact, builder, repository }: Claim) => ({
  _type: 'https://in-toto.io/Statement/v1',
  subject: [{ name: 'image', digest: { sha256: artifact.slice('sha256:'.length) } }],
  predicateType: 'https://slsa.dev/provenance/v1',
  predicate: {
    buildDefinition: {
      buildType: 'https://ci.shop.example/build/v1',
      externalParameters: {},
      resolvedDependencies:
        repository === undefined ? [] : [{ uri: `git+${repository}.git@refs/heads/main` }],
    },
    runDetails: { builder: { id: builder } },
  },
});

export const envelope = (
  payload: object | string,
  { key }: Signer,
  type = 'application/vnd.in-toto+json',
) => {
  const bytes = Buffer.from(typeof payload === 'string' ? payload : JSON.stringify(payload));
  const data = preAuthentication(type, bytes);
  const signature = sign(key.asymmetricKeyType === 'ed25519' ? null : 'sha256', data, key);
  return {
    payloadType: type,
    payload: bytes.toString('base64'),
    signatures: [{ keyid: 'k', sig: signature.toString('base64') }],
  };
};
