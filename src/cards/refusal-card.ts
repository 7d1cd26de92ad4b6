import type { Block, Button, Card, Text } from '../chat/card.ts';
import { code } from '../chat/card.ts';
import type { Policy } from '../domain/policy.ts';
import type { Refusal } from '../domain/refusal.ts';
import { button } from './buttons.ts';
import { facts } from './facts.ts';
import { refusals } from './refusal-words.ts';
import type { Told } from './told.ts';
import { capital, clip, dayTime, moversText, plain, spaced } from './words.ts';

/** L14: what was refused, why, whose move it is, what to do next, by when. Total: an unknown code has its facts said. */
export const refusalCard = (refusal: Refusal, policy: Policy): Card => {
  const { title, why, next: usual, since, movers: shown } = told(refusal, policy);
  const next = refusal.next ?? usual;
  const movers = shown === 'nobody' ? [] : moversText(refusal.movers ?? [], policy);
  const fields: readonly { readonly label: string; readonly value: Text }[] = [
    ...(movers.length === 0
      ? []
      : [{ label: shown === 'who may' ? 'Who may' : 'Whose move', value: movers }]),
    ...(next === undefined ? [] : [{ label: 'Next', value: [code(next)] }]),
    ...(since === undefined ? [] : [{ label: 'Since', value: [since] }]),
    ...(refusal.by === undefined ? [] : [{ label: 'When', value: ['from ', dayTime(refusal.by)] }]),
  ];
  const blocks: readonly Block[] = [
    { kind: 'text', text: why },
    ...(fields.length === 0 ? [] : [{ kind: 'fields' as const, fields }]),
  ];
  return { title, tone: 'warning', summary: plain(why, policy), blocks, buttons: shortcut(next) };
};

const told = (refusal: Refusal, policy: Policy): Told => {
  const words = Object.hasOwn(refusals, refusal.code) ? refusals[refusal.code] : undefined;
  if (words !== undefined) return words(facts(refusal.facts), policy);
  const said = Object.entries(refusal.facts)
    .filter(([, value]) => value !== '')
    .map(
      ([name, value]) =>
        `${spaced(name)}: ${clip(typeof value === 'object' ? value.join(', ') : String(value), 100)}`,
    );
  return {
    title: 'That is not possible now',
    why: [`${capital(spaced(refusal.code))}${said.length === 0 ? '' : ` (${said.slice(0, 8).join('; ')})`}.`],
  };
};

/** Looking is a press away; what changes something is typed, so that nobody does by a stray click what was refused. */
const shortcut = (next: string | undefined): readonly Button[] => {
  const [, verb, subject] = /^(change show|train status|deploy status) ([\w.-]+)$/.exec(next ?? '') ?? [];
  return verb === undefined || subject === undefined
    ? []
    : [{ ...button(verb, subject), label: `Show ${subject}` }];
};

/** A bug. `reference` finds it in the log. */
export const faultCard = (reference: string): Card => {
  const summary = `Something in Signalbox failed; the reference is ${reference}.`;
  return {
    title: 'Sorry, that went wrong',
    tone: 'bad',
    summary,
    blocks: [
      { kind: 'text', text: [summary] },
      {
        kind: 'text',
        text: [
          'It was not your doing. Please look whether it took effect, and try again. If it fails again, tell whoever runs Signalbox the reference.',
        ],
      },
    ],
    buttons: [],
  };
};
