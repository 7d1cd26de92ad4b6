/**
 * What Slack refuses, written from its Block Kit reference (shared facts, A) and from nothing of ours. Returns every
 * fault of a message's or a view's blocks.
 */
export const faultsOfMessage = (message: {
  readonly text?: unknown;
  readonly blocks?: unknown;
}): string[] => {
  const faults: string[] = [];
  if (typeof message.text !== 'string' || message.text.trim() === '')
    faults.push('no text for notifications');
  if (typeof message.text === 'string' && message.text.length > 4_000) faults.push('text is too long');
  if (message.blocks !== undefined) {
    faults.push(...faultsOfBlocks(message.blocks, 50));
    if (JSON.stringify(message.blocks).length > 13_200) faults.push('msg_blocks_too_long');
  }
  return faults;
};

export const faultsOfView = (view: unknown): string[] => {
  const v = record(view);
  const faults = faultsOfBlocks(v['blocks'], 100);
  if (JSON.stringify(view).length > 250_000) faults.push('view_too_large');
  if (v['type'] !== 'modal' && v['type'] !== 'home') faults.push('no such type of view');
  for (const part of ['title', 'submit', 'close'])
    if (v[part] !== undefined) faults.push(...text(v[part], 24, part, ['plain_text']));
  if (v['type'] === 'modal' && v['title'] === undefined) faults.push('a modal without title');
  if (String(v['private_metadata'] ?? '').length > 3_000) faults.push('private_metadata is too long');
  if (String(v['callback_id'] ?? '').length > 255) faults.push('callback_id is too long');
  const inputs = list(v['blocks']).some((block) => record(block)['type'] === 'input');
  if (v['type'] === 'modal' && inputs && v['submit'] === undefined) faults.push('inputs without submit');
  return faults;
};

const faultsOfBlocks = (blocks: unknown, most: number): string[] => {
  const faults: string[] = [];
  if (!Array.isArray(blocks)) return ['blocks are no array'];
  if (blocks.length === 0) faults.push('no blocks');
  if (blocks.length > most) faults.push(`${blocks.length} blocks`);
  const blockIds = blocks.map((block) => record(block)['block_id']).filter((id) => id !== undefined);
  if (new Set(blockIds).size < blockIds.length) faults.push('two blocks have one block_id');
  for (const block of blocks) faults.push(...faultsOfBlock(record(block)));
  return faults;
};

const faultsOfBlock = (block: Readonly<Record<string, unknown>>): string[] => {
  if (String(block['block_id'] ?? '').length > 255) return ['block_id is too long'];
  switch (block['type']) {
    case 'header':
      return text(block['text'], 150, 'header', ['plain_text']);
    case 'divider':
      return [];
    case 'section': {
      const fields = list(block['fields']);
      return [
        ...(block['text'] === undefined && fields.length === 0 ? ['a section with nothing'] : []),
        ...(block['text'] === undefined ? [] : text(block['text'], 3_000, 'section')),
        ...(fields.length > 10 ? ['more than 10 fields'] : []),
        ...fields.flatMap((field) => text(field, 2_000, 'field')),
        ...(block['accessory'] === undefined ? [] : faultsOfElement(record(block['accessory']))),
      ];
    }
    case 'context': {
      const elements = list(block['elements']);
      return [
        ...(elements.length === 0 || elements.length > 10 ? [`${elements.length} context elements`] : []),
        ...elements.flatMap((element) => text(element, 3_000, 'context')),
      ];
    }
    case 'actions': {
      const elements = list(block['elements']).map(record);
      const ids = elements.map((element) => element['action_id']);
      return [
        ...(elements.length === 0 || elements.length > 25 ? [`${elements.length} actions`] : []),
        ...(new Set(ids).size < ids.length ? ['two elements have one action_id'] : []),
        ...elements.flatMap(faultsOfElement),
      ];
    }
    case 'input':
      return [
        ...text(block['label'], 2_000, 'label', ['plain_text']),
        ...(block['hint'] === undefined ? [] : text(block['hint'], 2_000, 'hint', ['plain_text'])),
        ...faultsOfElement(record(block['element'])),
      ];
    default:
      return [`unknown block ${String(block['type'])}`];
  }
};

const faultsOfElement = (element: Readonly<Record<string, unknown>>): string[] => {
  const faults: string[] = [];
  const id = element['action_id'];
  if (typeof id !== 'string' || id === '' || id.length > 255) faults.push('action_id');
  switch (element['type']) {
    case 'button': {
      faults.push(...text(element['text'], 75, 'button', ['plain_text']));
      if (String(element['value'] ?? '').length > 2_000) faults.push('value is too long');
      if (!['primary', 'danger', undefined].includes(element['style'] as undefined)) faults.push('style');
      const confirm = element['confirm'];
      if (confirm !== undefined) {
        const { title, text: words, confirm: yes, deny } = record(confirm);
        faults.push(
          ...text(title, 100, 'confirm title', ['plain_text']),
          ...text(words, 300, 'confirm text'),
        );
        faults.push(...text(yes, 30, 'confirm', ['plain_text']), ...text(deny, 30, 'deny', ['plain_text']));
      }
      return faults;
    }
    case 'plain_text_input': {
      const initial = String(element['initial_value'] ?? '');
      const most = Number(element['max_length'] ?? 3_000);
      if (most < 1 || most > 3_000) faults.push('max_length');
      if (initial.length > most) faults.push('initial_value is too long');
      if (element['placeholder'] !== undefined)
        faults.push(...text(element['placeholder'], 150, 'placeholder', ['plain_text']));
      return faults;
    }
    case 'static_select': {
      const groups = list(element['option_groups']).map(record);
      const lists =
        groups.length > 0 ? groups.map((group) => list(group['options'])) : [list(element['options'])];
      if (groups.length > 100) faults.push(`${groups.length} groups of options`);
      if (groups.length > 0 && element['options'] !== undefined) faults.push('options and groups of them');
      for (const group of groups) faults.push(...text(group['label'], 75, 'group', ['plain_text']));
      for (const some of lists)
        if (some.length === 0 || some.length > 100) faults.push(`${some.length} options`);
      const options = lists.flat();
      for (const option of options) {
        faults.push(...text(record(option)['text'], 75, 'option', ['plain_text']));
        const value = String(record(option)['value'] ?? '');
        if (value === '' || value.length > 150) faults.push('value of an option');
      }
      const initial = element['initial_option'];
      const same = options.some((option) => JSON.stringify(option) === JSON.stringify(initial));
      if (initial !== undefined && !same) faults.push('initial_option is no option');
      return faults;
    }
    default:
      return [...faults, `unknown element ${String(element['type'])}`];
  }
};

const text = (value: unknown, most: number, what: string, types = ['plain_text', 'mrkdwn']): string[] => {
  const { type, text: words } = record(value);
  if (!types.includes(String(type)) || typeof words !== 'string') return [`${what}: no text object`];
  if (words === '' || words.length > most) return [`${what}: ${words.length} characters`];
  return [];
};

const record = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);
