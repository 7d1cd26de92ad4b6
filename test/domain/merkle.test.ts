import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkpointIn, checkpointText } from '../../src/domain/checkpoint.ts';
import { inclusionProof, leafHash, nodeHash, treeRoot, verifyInclusion } from '../../src/domain/merkle.ts';

/** The leaves and roots that implementations of RFC 6962 share (certificate-transparency, merkle tree tests). */
const leaves = [
  '',
  '00',
  '10',
  '2021',
  '3031',
  '40414243',
  '5051525354555657',
  '606162636465666768696a6b6c6d6e6f',
].map((hex) => leafHash(Buffer.from(hex, 'hex')));

const roots = [
  'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
  '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
  'fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125',
  'aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77',
  'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
  '4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4',
  '76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef',
  'ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c',
  '5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328',
];

/** RFC 6962 §2.1, word for word. */
const byDefinition = (hashes: readonly Buffer[]): Buffer => {
  if (hashes.length <= 1) return treeRoot(hashes);
  let k = 1;
  while (k * 2 < hashes.length) k *= 2;
  return nodeHash(byDefinition(hashes.slice(0, k)), byDefinition(hashes.slice(k)));
};

const someLeaves = fc.array(fc.string(), { minLength: 1, maxLength: 70 }).map((all) => all.map(leafHash));

describe('the tree of RFC 6962', () => {
  it.each(roots.map((root, size) => [size, root] as const))(
    'of %d known leaves has the known root',
    (size, root) => {
      expect(treeRoot(leaves.slice(0, size)).toString('hex')).toBe(root);
    },
  );

  it('grown leaf by leaf is the tree by the definition', () => {
    fc.assert(
      fc.property(someLeaves, (all) => {
        expect(treeRoot(all)).toEqual(byDefinition(all));
      }),
    );
  });

  it('holds each of its leaves and no other leaf, place, size or proof', () => {
    fc.assert(
      fc.property(someLeaves, fc.nat(), fc.nat(), (all, pick, elsewhere) => {
        const root = treeRoot(all);
        const index = pick % all.length;
        const leaf = all[index] ?? Buffer.alloc(0);
        const proof = inclusionProof(all, index);
        const size = all.length;
        expect(verifyInclusion(leaf, index, size, proof, root)).toBe(true);
        expect(verifyInclusion(leafHash('another leaf!'), index, size, proof, root)).toBe(false);
        expect(verifyInclusion(leaf, index, size, [...proof, root], root)).toBe(false);
        if (proof.length > 0) expect(verifyInclusion(leaf, index, size, proof.slice(1), root)).toBe(false);
        const other = elsewhere % all.length;
        if (!(all[other] ?? leaf).equals(leaf))
          expect(verifyInclusion(leaf, other, size, inclusionProof(all, other), root)).toBe(false);
        expect(verifyInclusion(leaf, size, size, proof, root)).toBe(false);
      }),
    );
  });

  it('has no proof of what it does not have', () => {
    expect(() => inclusionProof(leaves, 8)).toThrow(RangeError);
    expect(() => inclusionProof([], 0)).toThrow(RangeError);
  });
});

describe('a checkpoint', () => {
  const checkpoint = {
    origin: 'signalbox/audit',
    size: 8,
    root: Buffer.from(roots[8] ?? '', 'hex').toString('base64'),
    head: 'ab'.repeat(32),
    at: '2026-11-25T00:00:00.000Z',
  };

  it('is read as it was written', () => {
    expect(checkpointIn(checkpointText(checkpoint))).toEqual(checkpoint);
  });

  it('is nothing when it differs in form by as much as a byte', () => {
    const text = checkpointText(checkpoint);
    for (const faulty of [
      text.trimEnd(),
      `${text}\n`,
      text.replace('\n8\n', '\n08\n'),
      text.replace('head', 'tail'),
      text.replace('=', ''),
      '',
    ])
      expect(checkpointIn(faulty)).toBeUndefined();
  });
});
