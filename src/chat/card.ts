/**
 * A card, in no platform's words. Each platform has a small renderer; text is spans, so that mentions, times
 * and links are drawn natively and everything else is escaped.
 */
export type Tone = 'neutral' | 'good' | 'warning' | 'bad';

export type Span =
  | string
  | { readonly kind: 'bold'; readonly text: string }
  | { readonly kind: 'code'; readonly text: string }
  | {
      readonly kind: 'person';
      readonly person: string;
      readonly name: string /** Pings where the platform can. */;
      readonly mention?: boolean;
    }
  | { readonly kind: 'time'; readonly at: Date; readonly style: 'time' | 'day-time' | 'date' }
  | { readonly kind: 'link'; readonly text: string; readonly url: string };

export type Text = readonly Span[];

export type Block =
  | { readonly kind: 'text'; readonly text: Text }
  | { readonly kind: 'heading'; readonly text: string }
  | { readonly kind: 'fields'; readonly fields: readonly { readonly label: string; readonly value: Text }[] }
  /** One line each, with a mark: what is done, what blocks, what waits, what runs. */
  | { readonly kind: 'list'; readonly items: readonly { readonly mark: Mark; readonly text: Text }[] }
  | { readonly kind: 'progress'; readonly done: number; readonly total: number; readonly label: Text }
  /** Program output: verbatim, never parsed. */
  | { readonly kind: 'output'; readonly text: string }
  | { readonly kind: 'note'; readonly text: Text };

export type Mark = 'done' | 'missing' | 'failed' | 'waiting' | 'running' | 'none';

/** A button carries verb and subject, never state: every press reloads and re-authorises. */
export interface Button {
  readonly label: string;
  /** As typed: `change approve`. */
  readonly verb: string;
  /** What it acts on: `CHG-17`, `weekly-2026-W48`, `DEP-4`. */
  readonly subject: string;
  readonly args?: readonly string[];
  readonly style?: 'primary' | 'danger';
  /** Asked before an irreversible press. */
  readonly confirm?: string;
  /**
   * Whose move it is; absent: everybody's. Where each sees a card of their own the others are not shown the button. It
   * allows nothing: that is judged at the press (L7).
   */
  readonly for?: readonly string[];
}

export interface Card {
  readonly title: string;
  readonly tone: Tone;
  /** One sentence for notifications and screen readers. */
  readonly summary: string;
  readonly blocks: readonly Block[];
  readonly buttons: readonly Button[];
  /** The train whose page on the web shows all of it, however long. */
  readonly page?: string;
  /** What one says to see it again. */
  readonly shownBy?: { readonly verb: string; readonly subject: string };
}

export const bold = (text: string): Span => ({ kind: 'bold', text });
export const code = (text: string): Span => ({ kind: 'code', text });
