import { createPublicKey } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type Doubt,
  doubtOf,
  type Expected,
  envelopeIn,
  isSignedBy,
  keyIn,
  preAuthentication,
} from '../../src/domain/provenance.ts';
import { ecdsa, ed25519, envelope, rsa, statement } from '../support/provenance.ts';

const ours = ed25519();
const artifact = `sha256:${'ab'.repeat(32)}`;
const builder = 'https://ci.shop.example/release';
const repository = 'https://git.shop.example/shop/web';
const expected: Expected = { artifact, builder, repository };
const claim = { artifact, builder, repository };
const good = envelope(statement(claim), ours);

describe('DSSE', () => {
  /** The test vector of the specification (secure-systems-lab/dsse, protocol.md and its reference implementation). */
  it('encodes and verifies the specification’s own example', () => {
    expect(preAuthentication('http://example.com/HelloWorld', Buffer.from('hello world')).toString()).toBe(
      'DSSEv1 29 http://example.com/HelloWorld 11 hello world',
    );
    const coordinate = (decimal: string): string =>
      Buffer.from(BigInt(decimal).toString(16).padStart(64, '0'), 'hex').toString('base64url');
    const pem = createPublicKey({
      key: {
        kty: 'EC',
        crv: 'P-256',
        x: coordinate('46950820868899156662930047687818585632848591499744589407958293238635476079160'),
        y: coordinate('5640078356564379163099075877009565129882514886557779369047442380624545832820'),
      },
      format: 'jwk',
    })
      .export({ type: 'spki', format: 'pem' })
      .toString();
    const example = envelopeIn({
      payload: 'aGVsbG8gd29ybGQ=',
      payloadType: 'http://example.com/HelloWorld',
      signatures: [
        {
          sig: 'A3JqsQGtVsJ2O2xqrI5IcnXip5GToJ3F+FnZ+O88SjtR6rDAajabZKciJTfUiHqJPcIAriEGAHTVeCUjW2JIZA==',
        },
      ],
    });
    expect(example && isSignedBy(example, pem)).toBe(true);
  });

  it.each([
    ['Ed25519', ed25519()],
    ['RSA', rsa()],
    ['ECDSA', ecdsa()],
  ])('is verified by keys of %s, and by no other key', (_kind, signer) => {
    const signed = envelope(statement(claim), signer);
    expect(doubtOf(signed, expected, [signer.pem])).toBeUndefined();
    expect(doubtOf(signed, expected, [ours.pem, signer.pem])).toBeUndefined();
    expect(doubtOf(signed, expected, [ours.pem])).toBe('bad-signature');
    expect(doubtOf(signed, expected, [])).toBe('bad-signature');
  });
});

describe('a provenance', () => {
  it('proves what it says', () => {
    expect(doubtOf(good, expected, [ours.pem])).toBeUndefined();
    const { repository: _any, ...unasked } = expected;
    expect(doubtOf(envelope(statement({ artifact, builder }), ours), unasked, [ours.pem])).toBeUndefined();
  });

  it.each<[string, unknown, Doubt]>([
    ['none', undefined, 'no-provenance'],
    ['null', null, 'no-provenance'],
    ['text', 'signed, promise', 'unreadable'],
    ['no signatures', { ...good, signatures: [] }, 'unreadable'],
    ['no base64', { ...good, payload: `${good.payload}!` }, 'unreadable'],
    [
      'a signature of something else',
      { ...good, signatures: envelope('x', ours).signatures },
      'bad-signature',
    ],
    ['a stranger’s signature', envelope(statement(claim), ed25519()), 'bad-signature'],
    ['another type than was signed', { ...good, payloadType: 'text/plain' }, 'bad-signature'],
    ['a signed text of another type', envelope(statement(claim), ours, 'text/plain'), 'unreadable'],
    ['a signed text that is no JSON', envelope('hello', ours), 'unreadable'],
    [
      'an older provenance',
      envelope({ ...statement(claim), predicateType: 'https://slsa.dev/provenance/v0.2' }, ours),
      'unreadable',
    ],
    [
      'other bytes',
      envelope(statement({ ...claim, artifact: `sha256:${'cd'.repeat(32)}` }), ours),
      'wrong-bytes',
    ],
    ['no subject', envelope({ ...statement(claim), subject: [] }, ours), 'wrong-bytes'],
    [
      'another builder',
      envelope(statement({ ...claim, builder: 'https://laptop.example' }), ours),
      'wrong-builder',
    ],
    [
      'another repository',
      envelope(statement({ ...claim, repository: `${repository}-fork` }), ours),
      'wrong-repository',
    ],
    [
      'a repository in disguise',
      envelope(statement({ ...claim, repository: `https://git.evil.example/x@${repository}` }), ours),
      'wrong-repository',
    ],
    ['no repository', envelope(statement({ artifact, builder }), ours), 'wrong-repository'],
  ])('with %s is doubted', (_what, given, doubt) => expect(doubtOf(given, expected, [ours.pem])).toBe(doubt));

  it('with any byte of its payload or signature changed is doubted', () => {
    const payload = Buffer.from(good.payload, 'base64');
    const signature = Buffer.from(good.signatures[0]?.sig ?? '', 'base64');
    fc.assert(
      fc.property(fc.nat(), fc.integer({ min: 1, max: 255 }), fc.boolean(), (where, flip, inPayload) => {
        const bytes = Buffer.from(inPayload ? payload : signature);
        const at = where % bytes.length;
        bytes[at] = (bytes[at] ?? 0) ^ flip;
        const changed = inPayload
          ? { ...good, payload: bytes.toString('base64') }
          : { ...good, signatures: [{ sig: bytes.toString('base64') }] };
        expect(doubtOf(changed, expected, [ours.pem])).toBe('bad-signature');
      }),
      { numRuns: 300 },
    );
  });

  it('never throws, whatever a stranger sends', () => {
    fc.assert(
      fc.property(fc.anything(), fc.anything(), (anything, payload) => {
        expect(doubtOf(anything, expected, [ours.pem])).toBeDefined();
        expect(
          doubtOf({ ...good, payload, signatures: [{ sig: payload }, anything] }, expected, [ours.pem]),
        ).toBeDefined();
      }),
    );
  });
});

it('only public keys that can sign are keys', () => {
  expect(keyIn(ours.pem)).toBeDefined();
  expect(keyIn(ours.key.export({ type: 'pkcs8', format: 'pem' }).toString())).toBeUndefined();
  expect(keyIn('-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----')).toBeUndefined();
  expect(keyIn('')).toBeUndefined();
});
