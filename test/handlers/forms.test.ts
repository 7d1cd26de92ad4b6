import { describe, expect, it } from 'vitest';
import { createForms } from '../../handlers/answer.ts';
import { handlers } from '../../handlers/index.ts';
import type { Form } from '../../src/chat/form.ts';
import { requestWords } from '../../src/chat/parse.ts';
import type { Request } from '../../src/chat/request.ts';
import { openDesk } from '../support/desk.ts';
import { createWorld, type World } from '../support/world.ts';

const formsOf = (world: World) => {
  const forms = createForms(world.context);
  const { ask } = openDesk(world.context);
  const as = (id: string) => ({ actor: { platform: 'console', id } }) as const;
  const request = (person: string, words: Partial<Request>): Request => ({
    id: `form-${person}`,
    ...as(person),
    verb: '',
    args: [],
    receivedAt: world.context.clock.now(),
    ...words,
  });
  return {
    wants: (line: string) => forms.wants(request('rita', requestWords(line, handlers))),
    wantsPress: (verb: string, subject: string) => forms.wants(request('rita', { verb, subject })),
    open: (person: string, words: Partial<Request>) => forms.open(request(person, words)),
    form: async (person: string, words: Partial<Request>): Promise<Form> => {
      const opened = await forms.open(request(person, words));
      if (opened.kind !== 'form') throw new Error(opened.reply.card.summary);
      return opened.form;
    },
    fill: (person: string, form: Form, flags: Readonly<Record<string, string>>) =>
      ask({
        ...as(person),
        verb: form.verb,
        ...(form.subject === undefined ? {} : { subject: form.subject }),
        flags,
      }),
  };
};
const fieldOf = (form: Form, name: string) => form.fields.find((field) => field.name === name);

describe('a form is wanted', () => {
  it('where a no needs a reason, and never where it was said', async () => {
    const { wants, wantsPress } = formsOf(await createWorld());
    expect(wantsPress('change veto', 'CHG-1')).toBe(true);
    expect(wantsPress('change reject', 'CHG-1')).toBe(true);
    expect(wantsPress('train nogo', 'CHG-1')).toBe(true);
    expect(wants('change veto CHG-1')).toBe(true);
    expect(wants('change veto CHG-1 too risky')).toBe(false);
  });

  it('for evidence that is typed bare; a press acts at once', async () => {
    const { wants, wantsPress } = formsOf(await createWorld());
    expect(wants('change sign-off CHG-1')).toBe(true);
    expect(wants('change sign-off CHG-1 fail slow')).toBe(false);
    expect(wantsPress('change sign-off', 'CHG-1')).toBe(false);
    expect(wantsPress('change approve', 'CHG-1')).toBe(false);
  });
});

describe('submitting by form', () => {
  it('offers the recent builds, one’s own services first, and not what is submitted already', async () => {
    const world = await createWorld();
    const { form, fill } = formsOf(world);
    await world.build('api', '1.0.0');
    await world.build('api', '1.1.0');
    const empty = await form('dana', { verb: 'change submit' });
    const build = fieldOf(empty, 'build');
    expect(build?.kind === 'choice' && build.choices.map(({ value }) => value)).toEqual([
      'api 1.1.0',
      'api 1.0.0',
      'other',
    ]);
    const { refused } = await fill('dana', empty, {
      build: 'api 1.1.0',
      type: 'normal',
      record: 'A-1, A-2',
      note: 'faster',
    });
    expect(refused).toBeUndefined();
    expect(await world.change('CHG-1')).toMatchObject({
      service: 'api',
      version: '1.1.0',
      records: ['A-1', 'A-2'],
      note: 'faster',
    });
    const next = fieldOf(await form('dana', { verb: 'change submit' }), 'build');
    expect(next?.kind === 'choice' && next.choices.map(({ value }) => value)).toEqual(['api 1.0.0', 'other']);
  });

  it('names the field that is at fault', async () => {
    const world = await createWorld();
    const { form, fill } = formsOf(world);
    const empty = await form('dana', { verb: 'change submit' });
    expect(fieldOf(empty, 'build')).toBeUndefined();
    expect(await fill('dana', empty, { service: 'nonsense', type: 'normal' })).toMatchObject({
      refused: { field: 'service' },
    });
    expect(await fill('dana', empty, { service: 'api', type: 'normal' })).toMatchObject({
      refused: { field: 'version' },
    });
    expect(await fill('dana', empty, { service: 'api', version: '1.0.0', type: 'odd' })).toMatchObject({
      refused: { field: 'type' },
    });
  });
});

describe('saying no by form', () => {
  it('keeps the reason on the change', async () => {
    const world = await createWorld();
    const { form, fill } = formsOf(world);
    await world.submit('dana', 'api');
    const veto = await form('omar', { verb: 'change veto', subject: 'CHG-1' });
    expect(veto).toMatchObject({ title: 'Veto CHG-1', subject: 'CHG-1' });
    expect((await fill('omar', veto, {})).refused).toEqual({ field: 'reason' });
    expect((await fill('omar', veto, { reason: 'the disks are full' })).text).toContain('the disks are full');
  });

  it('L7: a stranger gets no form, and who may not is refused without a field', async () => {
    const world = await createWorld();
    const { open, form, fill } = formsOf(world);
    await world.submit('dana', 'api');
    expect(await open('nobody', { verb: 'change veto', subject: 'CHG-1' })).toMatchObject({
      kind: 'reply',
      reply: { refused: {} },
    });
    const veto = await form('dana', { verb: 'change veto', subject: 'CHG-1' });
    expect((await fill('dana', veto, { reason: 'because' })).refused).toEqual({});
    expect((await open('rita', { verb: 'deploy pause' })).kind).toBe('reply');
  });
});
