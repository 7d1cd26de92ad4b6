/**
 * What Slack accepts (Block Kit reference; the total was measured). Lengths are UTF-16 units of the escaped text,
 * which is never less than what Slack counts.
 */
export const limits = {
  blocks: 50,
  homeBlocks: 100,
  header: 150,
  section: 3_000,
  fields: 10,
  field: 2_000,
  context: 2_000,
  actions: 25,
  button: 75,
  value: 2_000,
  confirmTitle: 100,
  confirm: 300,
  text: 3_900,
  /** Of a message's blocks as JSON; about 13,200 gives `msg_blocks_too_long`. */
  total: 12_000,
  /** Of App Home as JSON; Slack takes 250 KB of a view, nobody reads as much. */
  home: 60_000,
  modalTitle: 24,
  privateMetadata: 3_000,
  input: 3_000,
  label: 2_000,
  hint: 2_000,
  placeholder: 150,
  options: 100,
  /** Of options, in one select. */
  groups: 100,
  option: 75,
  optionValue: 150,
} as const;

/** Whole characters, at most `most` UTF-16 units, with `…` where something was left out. */
export const clip = (text: string, most: number): string => {
  if (text.length <= most) return text;
  return `${cutAt(text, Math.max(0, most - 1))}…`;
};

/** The first units without half a character at the end. */
export const cutAt = (text: string, units: number): string => {
  const last = text.charCodeAt(units - 1);
  return text.slice(0, last >= 0xd800 && last <= 0xdbff ? units - 1 : units);
};
