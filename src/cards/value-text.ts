import { isDigest, shortDigest } from '../domain/change.ts';

/** What was read: `1.2.0`, or the beginning of a digest. */
export const valueText = (value: string): string => (isDigest(value) ? shortDigest(value) : value);
