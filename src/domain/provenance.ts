import { createPublicKey, type KeyObject, verify } from 'node:crypto';

/** Why a build is shown and does not count, though its builder is one of ours. */
export const doubts = [
  'no-provenance',
  'unreadable',
  'bad-signature',
  'wrong-bytes',
  'wrong-builder',
  'wrong-repository',
  'wrong-identity',
  'no-trusted-root',
  'not-its-key',
] as const;
export type Doubt = (typeof doubts)[number];

export interface Expected {
  /** `sha256:…` */
  readonly artifact: string;
  readonly builder: string;
  /** URL that the service is built from; absent: not asked. */
  readonly repository?: string;
}

const statementType = 'https://in-toto.io/Statement/v1';
const predicateType = 'https://slsa.dev/provenance/v1';
const payloadType = 'application/vnd.in-toto+json';

/**
 * Whether an envelope (DSSE v1) proves that these bytes were built by this builder: signed by one of these public keys in
 * PEM, and a statement of just that. Undefined when it does; otherwise the first doubt. Total: whatever a stranger sends
 * is a doubt, never an error. Nothing is fetched.
 */
export const doubtOf = (
  envelope: unknown,
  expected: Expected,
  keys: readonly string[],
): Doubt | undefined => {
  if (envelope === undefined || envelope === null) return 'no-provenance';
  const signed = envelopeIn(envelope);
  if (signed === undefined) return 'unreadable';
  // First the signature: what is not signed is not even looked into.
  return keys.some((key) => isSignedBy(signed, key)) ? doubtAbout(signed, expected) : 'bad-signature';
};

/** Sent as a Sigstore bundle, whose signature is another's to verify. */
export const isBundle = (value: unknown): boolean => {
  const type = at(value, 'mediaType');
  return typeof type === 'string' && type.startsWith('application/vnd.dev.sigstore.bundle');
};

/** What is signed has to be an in-toto statement v1 with a SLSA provenance v1, of this subject, builder and repository. */
export const doubtAbout = (
  signed: Pick<Envelope, 'type' | 'payload'>,
  expected: Expected,
): Doubt | undefined => {
  const statement = signed.type === payloadType ? parsed(signed.payload) : undefined;
  if (at(statement, '_type') !== statementType || at(statement, 'predicateType') !== predicateType)
    return 'unreadable';
  const subjects = list(at(statement, 'subject')).map((subject) => at(at(subject, 'digest'), 'sha256'));
  if (!subjects.includes(expected.artifact.slice('sha256:'.length))) return 'wrong-bytes';
  const predicate = at(statement, 'predicate');
  if (at(at(at(predicate, 'runDetails'), 'builder'), 'id') !== expected.builder) return 'wrong-builder';
  if (expected.repository === undefined) return undefined;
  const definition = at(predicate, 'buildDefinition');
  const sources = [
    ...list(at(definition, 'resolvedDependencies')).map((one) => at(one, 'uri')),
    // As GitHub's workflows have it.
    at(at(at(definition, 'externalParameters'), 'workflow'), 'repository'),
  ];
  const wanted = plainUrl(expected.repository);
  return sources.some((uri) => typeof uri === 'string' && plainUrl(uri) === wanted)
    ? undefined
    : 'wrong-repository';
};

export interface Envelope {
  readonly type: string;
  readonly payload: Buffer;
  readonly signatures: readonly Buffer[];
}

/** Pre-authentication encoding of DSSE v1: type and payload with their lengths in bytes. */
export const preAuthentication = (type: string, payload: Uint8Array): Buffer =>
  Buffer.concat([
    Buffer.from(`DSSEv1 ${Buffer.byteLength(type)} ${type} ${payload.length} `),
    Buffer.from(payload),
  ]);

export const envelopeIn = (value: unknown): Envelope | undefined => {
  const [type, payload] = [at(value, 'payloadType'), base64(at(value, 'payload'))];
  const signatures = list(at(value, 'signatures')).map((one) => base64(at(one, 'sig')));
  if (typeof type !== 'string' || payload === undefined || signatures.length === 0) return undefined;
  return { type, payload, signatures: signatures.flatMap((one) => one ?? []) };
};

/** Ed25519, RSA (PKCS #1 v1.5 with SHA-256) and ECDSA with SHA-256, whose signatures come in DER or as two numbers. */
export const isSignedBy = ({ type, payload, signatures }: Envelope, pem: string): boolean => {
  const key = keyIn(pem);
  if (key === undefined) return false;
  const data = preAuthentication(type, payload);
  return signatures.some((signature) =>
    key.asymmetricKeyType === 'ec'
      ? (['der', 'ieee-p1363'] as const).some((dsaEncoding) =>
          holds(() => verify('sha256', data, { key, dsaEncoding }, signature)),
        )
      : holds(() => verify(key.asymmetricKeyType === 'ed25519' ? null : 'sha256', data, key, signature)),
  );
};

/** A public key of a kind that can sign; undefined for anything else. A private key never passes for one. */
export const keyIn = (pem: string): KeyObject | undefined => {
  if (!pem.includes('BEGIN PUBLIC KEY')) return undefined;
  try {
    const key = createPublicKey(pem);
    return ['ed25519', 'rsa', 'ec'].includes(key.asymmetricKeyType ?? '') ? key : undefined;
  } catch {
    return undefined;
  }
};

const holds = (check: () => boolean): boolean => {
  try {
    return check();
  } catch {
    return false;
  }
};

/** `git+https://git.example/shop/web.git@refs/heads/main` is `https://git.example/shop/web`. */
const plainUrl = (uri: string): string =>
  uri
    .replace(/^git\+/, '')
    .replace(/(?<=[^/:@])@[^/@][^@]*$/, '')
    .replace(/\.git$/, '')
    .replace(/\/$/, '');

/** Strictly base64 or base64url: what one reader skips, another might not. */
const base64 = (value: unknown): Buffer | undefined => {
  if (typeof value !== 'string' || value === '') return undefined;
  const standard = value.replaceAll('-', '+').replaceAll('_', '/');
  const bytes = Buffer.from(standard, 'base64');
  return bytes.toString('base64').replace(/=+$/, '') === standard.replace(/=+$/, '') ? bytes : undefined;
};

const parsed = (payload: Buffer): unknown => {
  try {
    return JSON.parse(payload.toString('utf8'));
  } catch {
    return undefined;
  }
};

const at = (value: unknown, key: string): unknown =>
  typeof value === 'object' && value !== null && Object.hasOwn(value, key)
    ? Reflect.get(value, key)
    : undefined;

const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);
