import type { Card, Text } from '../chat/card.ts';
import { bold, code } from '../chat/card.ts';
import type { Notice } from '../domain/notice.ts';
import type { Policy } from '../domain/policy.ts';
import { type PolicyVersion, policyName } from '../domain/policy-version.ts';
import type { PolicyView } from '../domain/view.ts';
import { standingBlocks } from './approval-words.ts';
import { bullets, header, type Item } from './blocks.ts';
import { button } from './buttons.ts';
import { clip, count, list, personSpan, unique } from './words.ts';

/** Lines of a change that a card has room for. */
const most = 15;

/** A change of the policy that asks for less than before: what, whose signature it needs, and what else it changes. */
export const policyCard = ({ version, standing, policy }: PolicyView): Card => {
  const name = policyName(version.id);
  const rules = list(unique(version.loosened.map(({ rule }) => rule)));
  const summary = `${name} ${phrases[version.state](version)}: it loosens ${rules}.`;
  const { differences } = version;
  return {
    title: `Policy change ${name}`,
    tone: tones[version.state],
    summary,
    blocks: [
      { kind: 'text', text: [summary] },
      header('Asks for no more', []),
      ...bullets(
        version.loosened.map(
          ({ rule, without }): Item => ({ mark: 'failed', text: [bold(rule), `: ${list(without)}`] }),
        ),
      ),
      header('All that it changes', [`: ${count(differences.length, 'value')}`]),
      ...bullets(differences.slice(0, most).map(difference)),
      ...(differences.length > most
        ? [{ kind: 'note' as const, text: [`and ${differences.length - most} more`] }]
        : []),
      ...(version.state === 'waiting' ? standingBlocks(standing, policy) : []),
      { kind: 'note', text: origin(version, policy) },
    ],
    buttons:
      version.state === 'waiting' ? [button('change approve', name), button('change reject', name)] : [],
  };
};

/** To each of those who may sign. */
export const policyWaitsCard = ({ policy: name, rules }: Extract<Notice, { kind: 'policy-waits' }>): Card => {
  const summary = `${name} asks for less than the policy in force: ${list(unique(rules))}. Your signature is one that it needs.`;
  return {
    title: `Policy change ${name}: please look`,
    tone: 'warning',
    summary,
    blocks: [
      { kind: 'text', text: [summary] },
      { kind: 'note', text: ['Until it is signed the policy stays as it was.'] },
    ],
    buttons: [
      { ...button('change show', name), label: 'What it changes' },
      button('change approve', name),
      button('change reject', name),
    ],
  };
};

const phrases: Readonly<Record<PolicyVersion['state'], (version: PolicyVersion) => string>> = {
  waiting: () => 'waits for signatures',
  signed: () => 'is signed and comes into force with the file',
  active: () => 'is in force',
  past: ({ decisions }) => (decisions.some(({ kind }) => kind === 'reject') ? 'was rejected' : 'is over'),
};

const tones = { waiting: 'warning', signed: 'good', active: 'good', past: 'neutral' } as const;

const difference = ({ path, before, after }: PolicyVersion['differences'][number]): Item => ({
  mark: 'none',
  text: [
    `${path}: `,
    ...(before === undefined ? [] : [code(clip(before, 120))]),
    before === undefined ? 'new ' : after === undefined ? ' removed' : ' → ',
    ...(after === undefined ? [] : [code(clip(after, 120))]),
  ],
});

const origin = ({ author, source, url, digest }: PolicyVersion, policy: Policy): Text => [
  source === 'file' ? 'From the policy file' : 'Proposed before it is merged',
  ...(author === null ? [] : [' by ', personSpan(author, policy)]),
  ...(url === null ? [] : [`, ${clip(url, 200)}`]),
  ` · sha256 ${digest.slice(0, 12)}`,
];
