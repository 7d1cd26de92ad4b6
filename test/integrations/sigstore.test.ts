import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createAttestations } from '../../src/integrations/sigstore.ts';

const folder = join(import.meta.dirname, 'sigstore-vectors');
const root = join(folder, 'trusted_root.json');
const read = (name: string): unknown => JSON.parse(readFileSync(join(folder, name), 'utf8'));
const vectors = readdirSync(folder).filter((name) => name.endsWith('.json') && name !== 'trusted_root.json');
const good = read('with-custom-trust-root.json');
const { verify } = createAttestations();

describe('of the conformance suite', () => {
  it.each(vectors)('%s is believed exactly when it has to be', (name) => {
    expect(verify(read(name), root).ok).toBe(!name.endsWith('_fail.json'));
  });

  it('the good one says who signed it, and what', () => {
    const verdict = verify(good, root);
    expect(verdict).toMatchObject({
      ok: true,
      type: 'application/vnd.in-toto+json',
      issuer: 'https://token.actions.githubusercontent.com',
      subject: expect.stringMatching(/^https:\/\/github\.com\/sigstore-conformance\/.+@refs\/heads\/main$/),
    });
  });
});

it('without a trusted root that can be read nobody is believed', () => {
  expect(verify(good, join(folder, 'nowhere.json'))).toEqual({ ok: false, doubt: 'no-trusted-root' });
  expect(verify(good, join(folder, 'README.md'))).toEqual({ ok: false, doubt: 'no-trusted-root' });
});

it('with a byte of its payload or signature changed it is not believed', () => {
  const text = JSON.stringify(good);
  const places = [...text.matchAll(/"(?:payload|sig)":"([^"]+)"/g)].map((match) => ({
    from: match.index + match[0].indexOf(match[1] ?? ''),
    length: (match[1] ?? '').length - 4,
  }));
  expect(places).toHaveLength(2);
  fc.assert(
    fc.property(fc.constantFrom(...places), fc.nat(), ({ from, length }, where) => {
      const at = from + (where % length);
      const other = text[at] === 'A' ? 'B' : 'A';
      expect(verify(JSON.parse(text.slice(0, at) + other + text.slice(at + 1)), root).ok).toBe(false);
    }),
    { numRuns: 60 },
  );
});

it('never throws, whatever a stranger sends', () => {
  fc.assert(
    fc.property(fc.anything(), (anything) => {
      expect(verify(anything, root)).toEqual({ ok: false, doubt: 'unreadable' });
    }),
  );
});
