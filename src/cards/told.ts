import type { Span, Text } from '../chat/card.ts';
import { code } from '../chat/card.ts';
import type { Facts } from './facts.ts';
import { list, quoted, unique } from './words.ts';

/** What a refusal says: what was refused, why, and the command that helps, when the refusal itself names none. */
export interface Told {
  readonly title: string;
  /** Whole sentences. */
  readonly why: Text;
  readonly next?: string;
  /** When it became so. */
  readonly since?: Span;
  /** Default: the movers are shown as those whose move it is. */
  readonly movers?: 'who may' | 'nobody';
}

export const show = (f: Facts): { readonly next?: string } =>
  f.has('change') ? { next: `change show ${f.text('change')}` } : {};

export const reason = (f: Facts): Text => (f.has('reason') ? [`: ${quoted(f.text('reason'))}`] : []);
export const meant = (f: Facts): Text =>
  f.has('meant') ? [' Did you mean ', code(f.text('meant')), '?'] : [];
export const known = (f: Facts): string => `Known: ${list(unique(f.list('known')))}.`;
