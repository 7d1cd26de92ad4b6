import type { Refusal } from '../domain/refusal.ts';
import { clip } from './words.ts';

/**
 * Facts as words need them. Every reader is total: cards are drawn from rows that older versions wrote, and nobody's
 * words make a card longer than it can be.
 */
export interface Facts {
  has(name: string): boolean;
  /** `otherwise` (default empty) when the fact is missing or empty. */
  text(name: string, otherwise?: string): string;
  list(name: string): readonly string[];
  number(name: string): number;
}

export const facts = (recorded: Refusal['facts']): Facts => {
  const text = (name: string, otherwise = ''): string => {
    const value = recorded[name];
    const said = typeof value === 'object' ? value.join(', ') : String(value ?? '');
    return said === '' ? otherwise : clip(said, 300);
  };
  return {
    has: (name) => text(name) !== '',
    text,
    list: (name) => {
      const value = recorded[name];
      const all = typeof value === 'object' ? value : text(name) === '' ? [] : [text(name)];
      return all.map((one) => clip(one, 100));
    },
    number: (name) => {
      const value = Number(recorded[name] ?? 0);
      return Number.isFinite(value) ? value : 0;
    },
  };
};
