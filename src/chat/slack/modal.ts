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

/**
 * `errors` of a submission are by block id, values by action id. Slack keeps what was chosen in a block while its id is
 * the same: other choices are another block.
 */
const fieldBlockId = (field: Field): string =>
  field.kind === 'choice' && field.refills === undefined
    ? `field:${field.name}#${markOf(JSON.stringify(field.choices))}`
    : `field:${field.name}`;

const markOf = (text: string): number => {
  let mark = 7;
  for (const letter of text) mark = (mark * 31 + (letter.codePointAt(0) ?? 0)) % 1_000_000_007;
  return mark;
};

const input = (field: Field, typed: string | undefined): InputBlock => ({
  type: 'input',
  block_id: fieldBlockId(field),
  label: plainText(field.label, limits.label),
  optional: !field.required,
  ...(field.kind === 'choice' && field.refills !== undefined ? { dispatch_action: true } : {}),
  ...(field.hint === undefined ? {} : { hint: plainText(field.hint, limits.hint) }),
  element: element(field, typed),
});

const element = (field: Field, typed: string | undefined): InputBlock['element'] => {
  if (field.kind === 'choice' && field.choices.length > 0) {
    const options = field.choices.slice(0, limits.options * limits.groups).map(option);
    const chosen =
      options.find(({ value }) => value === typed) ?? options.find(({ value }) => value === field.initial);
    return {
      type: 'static_select',
      action_id: field.name,
      ...(options.length <= limits.options ? { options } : { option_groups: groups(options) }),
      ...(chosen === undefined ? {} : { initial_option: chosen }),
    };
  }
  const initial = typed ?? field.initial;
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

/** A list of more than Slack takes in one, by what stands at the ends of each part; it can be searched as a whole. */
const groups = (options: readonly PlainTextOption[]) =>
  Array.from({ length: Math.ceil(options.length / limits.options) }, (_, i) => {
    const part = options.slice(i * limits.options, (i + 1) * limits.options);
    const [first, last] = [part[0]?.text.text ?? '', part.at(-1)?.text.text ?? ''];
    return { label: plainText(`${clip(first, 30)} … ${clip(last, 30)}`, limits.option), options: [...part] };
  });

const option = ({ value, label }: Choice): PlainTextOption => ({
  text: plainText(label, limits.option),
  value: value.slice(0, limits.optionValue),
});
