import type { Field, Form } from '../form.ts';
import type { AdaptiveCard } from './render.ts';
import { clip, drawText, type Element, legible } from './text.ts';

const pen = { userOf: () => undefined };
const fieldPrefix = 'field.';

/** A form as the card of a Teams dialog. `notes` are said above the fields, which keep what was `typed`. */
export const renderForm = (
  form: Form,
  notes: readonly string[] = [],
  typed: Readonly<Record<string, string>> = {},
): AdaptiveCard => {
  const { verb, subject, intro, submitLabel } = form;
  const said = [...notes, ...(intro === undefined ? [] : [intro])];
  return {
    type: 'AdaptiveCard',
    version: '1.5',
    $schema: 'http://adaptivecards.io/schemas/adaptive-card.json',
    body: [
      ...said.map((text) => drawText([text], pen).element),
      ...form.fields.map((field) => inputOf(field, typed[field.name])),
    ],
    actions: [
      {
        type: 'Action.Submit',
        title: clip(legible(submitLabel), 60),
        style: 'positive',
        data: { verb, ...(subject === undefined ? {} : { subject }), form: true },
      },
    ],
  };
};

const inputOf = (field: Field, typed = field.initial): Element => {
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
  return { type: 'Input.ChoiceSet', ...common, style: 'compact', choices };
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
