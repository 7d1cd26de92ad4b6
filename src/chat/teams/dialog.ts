import type { Field, Form } from '../form.ts';
import type { AdaptiveCard } from './render.ts';
import { clip, drawText, type Element, escaped, legible } from './text.ts';

const pen = { userOf: () => undefined };
const fieldPrefix = 'field.';

export interface FormOptions {
  /** Said above the fields: why it is not done yet. */
  readonly notes?: readonly string[];
  /** What was filled in before. */
  readonly typed?: Readonly<Record<string, string>>;
  /** In a message of its own, not in a dialog. */
  readonly inline?: boolean;
}

/** A form as a card: of a dialog, which a button opens, or of a message. */
export const renderForm = (
  form: Form,
  { notes = [], typed = {}, inline = false }: FormOptions = {},
): AdaptiveCard => {
  const { verb, subject, intro, submitLabel } = form;
  const said = [...notes, ...(intro === undefined ? [] : [intro])];
  const data = { verb, ...(subject === undefined ? {} : { subject }), form: true };
  const send = { title: clip(legible(submitLabel), 60), style: 'positive', data };
  const refills = form.fields.flatMap((field) =>
    field.kind === 'choice' && field.refills !== undefined ? [clip(legible(field.refills), 60)] : [],
  );
  const act = (about: object): Element =>
    inline
      ? { type: 'Action.Execute', ...about, verb, fallback: { type: 'Action.Submit', ...about } }
      : { type: 'Action.Submit', ...about };
  const title = {
    type: 'TextBlock',
    text: escaped(form.title),
    weight: 'Bolder',
    size: 'Medium',
    wrap: true,
    style: 'heading',
  };
  return {
    type: 'AdaptiveCard',
    version: '1.5',
    $schema: 'http://adaptivecards.io/schemas/adaptive-card.json',
    fallbackText: form.title,
    body: [
      ...(inline ? [title] : []),
      ...said.map((text) => drawText([text], pen).element),
      ...form.fields.map((field) => inputOf(field, typed[field.name])),
    ],
    actions: [act(send), ...refills.map((title) => act({ title, data: { ...data, refill: true } }))],
  };
};

/** More than that are looked through by typing. */
const mostCompact = 20;

const inputOf = (field: Field, filled: string | undefined): Element => {
  const isKnown = field.kind !== 'choice' || field.choices.some(({ value }) => value === filled);
  const typed = filled !== undefined && isKnown ? filled : field.initial;
  const common = {
    id: `${fieldPrefix}${field.name}`,
    label: clip(legible(field.label), 200),
    isRequired: field.required,
    ...(field.required ? { errorMessage: `${clip(legible(field.label), 200)} is needed.` } : {}),
    ...(typed === undefined ? {} : { value: legible(typed) }),
    ...(field.hint === undefined ? {} : { placeholder: clip(legible(field.hint), 200) }),
  };
  if (field.kind !== 'choice')
    return {
      type: 'Input.Text',
      ...common,
      isMultiline: field.kind === 'text',
      ...(field.maxLength === undefined ? {} : { maxLength: field.maxLength }),
    };
  const choices = field.choices.map(({ value, label }) => ({ title: clip(legible(label), 200), value }));
  return {
    type: 'Input.ChoiceSet',
    ...common,
    style: choices.length > mostCompact ? 'filtered' : 'compact',
    choices,
  };
};

/** What was filled in, by the fields' names; empty fields are absent. */
export const filledIn = (data: Readonly<Record<string, unknown>>): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Object.entries(data).flatMap(([key, value]) =>
      key.startsWith(fieldPrefix) && typeof value === 'string' && value.trim() !== ''
        ? [[key.slice(fieldPrefix.length), value.trim()]]
        : [],
    ),
  );
