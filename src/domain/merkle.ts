import { createHash, hash } from 'node:crypto';

/**
 * The Merkle tree of RFC 6962 §2.1 (and RFC 9162 §2.1): SHA-256, leaves hashed with a leading 0x00, nodes with 0x01, so
 * that no node can pass for a leaf. A tree of n leaves splits at the largest power of two below n.
 */
export const leafHash = (data: Uint8Array | string): Buffer =>
  hash('sha256', typeof data === 'string' ? `\0${data}` : Buffer.concat([leafPrefix, data]), 'buffer');

export const nodeHash = (left: Uint8Array, right: Uint8Array): Buffer =>
  hash('sha256', Buffer.concat([nodePrefix, left, right]), 'buffer');

const leafPrefix = Buffer.from([0]);
const nodePrefix = Buffer.from([1]);

/** Roots of the full subtrees of a growing tree, largest first: all that is needed to append and to know the root. */
export interface Frontier {
  readonly size: number;
  readonly roots: readonly Buffer[];
}

export const emptyTree: Frontier = { size: 0, roots: [] };

/** As many subtrees of equal size are joined as the size's trailing ones say. */
export const append = ({ size, roots }: Frontier, leaf: Buffer): Frontier => {
  const next = [...roots];
  let node = leaf;
  for (let rest = size; rest % 2 === 1; rest = (rest - 1) / 2) {
    const left = next.pop();
    if (left === undefined) throw new RangeError('A frontier without the roots that its size needs');
    node = nodeHash(left, node);
  }
  return { size: size + 1, roots: [...next, node] };
};

/** Of the empty tree: the hash of nothing. */
export const rootOf = ({ roots }: Frontier): Buffer =>
  roots.length === 0
    ? createHash('sha256').digest()
    : roots.slice(0, -1).reduceRight((right, left) => nodeHash(left, right), roots.at(-1) ?? Buffer.alloc(0));

/** The root of all these leaf hashes. */
export const treeRoot = (leaves: readonly Buffer[]): Buffer => rootOf(leaves.reduce(append, emptyTree));

const split = (n: number): number => 2 ** Math.floor(Math.log2(n - 1));

/** RFC 6962 §2.1.1: from the leaf up, the sibling at each level. `index` is that of the leaf, from 0. */
export const inclusionProof = (leaves: readonly Buffer[], index: number): readonly Buffer[] => {
  if (!Number.isInteger(index) || index < 0 || index >= leaves.length)
    throw new RangeError(`No leaf ${index} in a tree of ${leaves.length}`);
  if (leaves.length === 1) return [];
  const k = split(leaves.length);
  return index < k
    ? [...inclusionProof(leaves.slice(0, k), index), treeRoot(leaves.slice(k))]
    : [...inclusionProof(leaves.slice(k), index - k), treeRoot(leaves.slice(0, k))];
};

/** RFC 9162 §2.1.3.2: whether the leaf is the tree's leaf of this index. */
export const verifyInclusion = (
  leaf: Buffer,
  index: number,
  size: number,
  proof: readonly Buffer[],
  root: Buffer,
): boolean => {
  if (!Number.isInteger(index) || index < 0 || index >= size) return false;
  let fn = index;
  let sn = size - 1;
  let node = leaf;
  for (const sibling of proof) {
    if (sn === 0) return false;
    if (fn % 2 === 1 || fn === sn) {
      node = nodeHash(sibling, node);
      while (fn % 2 === 0 && fn !== 0) {
        fn /= 2;
        sn = Math.floor(sn / 2);
      }
    } else node = nodeHash(node, sibling);
    fn = Math.floor(fn / 2);
    sn = Math.floor(sn / 2);
  }
  return sn === 0 && node.equals(root);
};
