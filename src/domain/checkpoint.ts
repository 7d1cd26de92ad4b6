/**
 * What the record was at an instant: how many entries, the root of their Merkle tree, the head of their chain. Its text
 * is the body of a tlog-checkpoint (C2SP): origin, size and root, each on a line, and two lines of our own.
 */
export interface Checkpoint {
  readonly origin: string;
  readonly size: number;
  /** Base64 of 32 bytes. */
  readonly root: string;
  /** Hex of the newest entry's chain hash. */
  readonly head: string;
  /** ISO instant. */
  readonly at: string;
}

export const checkpointText = ({ origin, size, root, head, at }: Checkpoint): string =>
  `${origin}\n${size}\n${root}\nhead ${head}\nat ${at}\n`;

/** Undefined when the text is not one of ours, to the byte. */
export const checkpointIn = (text: string): Checkpoint | undefined => {
  const found = /^([^\n]+)\n(\d{1,15})\n([A-Za-z0-9+/]{43}=)\nhead ([0-9a-f]{64})\nat (\S+)\n$/.exec(text);
  if (found === null) return undefined;
  const [, origin = '', size = '', root = '', head = '', at = ''] = found;
  const checkpoint = { origin, size: Number(size), root, head, at };
  return checkpointText(checkpoint) === text ? checkpoint : undefined;
};
