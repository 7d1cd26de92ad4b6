import type { InputBlock, KnownBlock, ModalView, PlainTextOption } from '@slack/types';
import { z } from 'zod';
import type { Card } from '../card.ts';
import type { Choice, Field, Form } from '../form.ts';
import { clip, limits } from './limits.ts';
import { mrkdwn, type Pen } from './mrkdwn.ts';
import { plainText, renderCard } from './render.ts';

/** What a form remembers until it is sent: what it is about, and how to answer where it was asked for. */
export const FormMemory = z.object({
  verb: z.string(),
  subject: z.string().optional(),
  args: z.array(z.string()),
  channel: z.string().optional(),
  responseUrl: z.string().optional(),
  view: z.enum(['home', 'modal']).optional(),
});
export type FormMemory = z.infer<typeof FormMemory>;

export const formCallback = 'signalbox:form';

/** Opens before anything is looked up: a trigger lives three seconds. */
export const loadingView = (): ModalView => ({
  type: 'modal',
  callback_id: 'signalbox:loading',
  title: plainText('Signalbox', limits.modalTitle),
  close: plainText('Close', limits.modalTitle),
  blocks: [{ type: 'section', text: { type: 'plain_text', text: 'One moment …' } }],
});

/** A card where a form would be: an answer without buttons, because there is nothing behind it to redraw. */
export const cardView = (card: Card, pen: Pen): ModalView => ({
  ...loadingView(),
  callback_id: 'signalbox:card',
  blocks: renderCard({ ...card, buttons: [] }, pen).blocks,
});

/** `typed`: what had been filled in, by field name. `refusal`: why it was refused, above the fields. */
export const formView = (
  form: Form,
  memory: FormMemory,
  pen: Pen,
  again: { readonly typed?: Readonly<Record<string, string>>; readonly refusal?: Card } = {},
): ModalView => {
  const { typed = {}, refusal } = again;
  const refused =
    refusal === undefined ? [] : renderCard({ ...refusal, buttons: [] }, pen, { total: 6_000 }).blocks;
  const intro = form.intro === undefined ? [] : [section(form.intro, pen)];
  const room = limits.homeBlocks - refused.length - intro.length;
  return {
    type: 'modal',
    callback_id: formCallback,
    title: plainText(form.title, limits.modalTitle),
    submit: plainText(form.submitLabel, limits.modalTitle),
    close: plainText('Cancel', limits.modalTitle),
    private_metadata: remembered(memory),
    blocks: [
      ...refused,
      ...intro,
      ...form.fields.slice(0, room).map((field) => input(field, typed[field.name])),
    ],
  };
};

const section = (text: string, pen: Pen): KnownBlock => ({
  type: 'section',
  text: { type: 'mrkdwn', text: mrkdwn([text], limits.section, pen), verbatim: true },
});

/** Without its `response_url`, the one part that may be long, if it would not fit. */
const remembered = (memory: FormMemory): string => {
  const whole = JSON.stringify(memory);
  if (whole.length <= limits.privateMetadata) return whole;
  const { responseUrl: _responseUrl, ...rest } = memory;
  return JSON.stringify({ ...rest, args: [] });
};

/** `errors` of a submission are by block id, values by action id. */
export const fieldBlockId = (name: string): string => `field:${name}`;

const input = (field: Field, typed: string | undefined): InputBlock => ({
  type: 'input',
  block_id: fieldBlockId(field.name),
  label: plainText(field.label, limits.label),
  optional: !field.required,
  ...(field.hint === undefined ? {} : { hint: plainText(field.hint, limits.hint) }),
  element: element(field, typed ?? field.initial),
});

const element = (field: Field, initial: string | undefined): InputBlock['element'] => {
  if (field.kind === 'choice' && field.choices.length > 0) {
    const options = field.choices.slice(0, limits.options).map(option);
    const chosen = options.find(({ value }) => value === initial);
    return {
      type: 'static_select',
      action_id: field.name,
      options,
      ...(chosen === undefined ? {} : { initial_option: chosen }),
    };
  }
  const most =
    field.kind === 'choice' ? limits.input : Math.min(field.maxLength ?? limits.input, limits.input);
  return {
    type: 'plain_text_input',
    action_id: field.name,
    multiline: field.kind === 'text',
    max_length: most,
    ...(initial === undefined || initial === '' ? {} : { initial_value: clip(initial, most) }),
  };
};

const option = ({ value, label }: Choice): PlainTextOption => ({
  text: plainText(label, limits.option),
  value: value.slice(0, limits.optionValue),
});
