import type { Reply } from './reply.ts';
import type { Request } from './request.ts';

/**
 * A form, in no platform's words: a modal in Slack, a dialog in Teams. What is filled in comes back as a Request with
 * the form's verb and subject, its fields as flags by name; a refusal that is about one field names it.
 */
export interface Form {
  readonly title: string;
  /** As typed: `change submit`. */
  readonly verb: string;
  readonly subject?: string;
  readonly submitLabel: string;
  /** A sentence above the fields. */
  readonly intro?: string;
  readonly fields: readonly Field[];
}

export interface Choice {
  readonly value: string;
  readonly label: string;
}

export type Field = {
  /** The flag's name; letters, digits and dashes. */
  readonly name: string;
  readonly label: string;
  readonly hint?: string;
  readonly required: boolean;
} & (
  | { readonly kind: 'line' | 'text'; readonly initial?: string; readonly maxLength?: number }
  | {
      readonly kind: 'choice';
      readonly choices: readonly Choice[];
      readonly initial?: string;
      /**
       * Other fields depend on what is chosen: the form is opened anew for it, with what was filled in. Where that does
       * not happen by itself, a button does it, under this label.
       */
      readonly refills?: string;
    }
);

/** What a platform asks when it can show forms. */
export interface Forms {
  /** Whether a form is shown instead of acting: decided from the words alone, since a form must open at once. */
  wants(request: Request): boolean;
  /** The wanted form, filled from the present state and the request's flags; a reply when there is none. Total. */
  open(
    request: Request,
  ): Promise<
    { readonly kind: 'form'; readonly form: Form } | { readonly kind: 'reply'; readonly reply: Reply }
  >;
}
