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

const choices = (form: Form, name: string): readonly string[] | undefined => {
  const field = fieldOf(form, name);
  return field?.kind === 'choice' ? field.choices.map(({ value }) => value) : undefined;
};

describe('submitting by form', () => {
  it('offers the service’s recent builds, one’s own newest first, and not what is submitted already', async () => {
    const world = await createWorld();
    const { form, fill } = formsOf(world);
    await world.build('api', '1.0.0');
    await world.build('api', '1.1.0');
    await world.build('db', '7.0.0');
    const empty = await form('dana', { verb: 'change submit' });
    expect(fieldOf(empty, 'service')).toMatchObject({ initial: 'api', refills: 'Show its builds' });
    expect(choices(empty, 'service')?.slice(0, 3)).toEqual(['api', 'web', 'db']);
    expect(choices(empty, 'build')).toEqual(['api 1.1.0', 'api 1.0.0', 'other']);
    const { refused } = await fill('dana', empty, {
      service: 'api',
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
    expect(choices(await form('dana', { verb: 'change submit' }), 'build')).toEqual(['api 1.0.0', 'other']);
  });

  it('opened for another service offers that one’s builds, and none where there are none', async () => {
    const world = await createWorld();
    const { form, fill } = formsOf(world);
    await world.build('api', '1.0.0');
    await world.build('db', '7.0.0');
    const open = (service: string) => form('dana', { verb: 'change submit', flags: { service } });
    expect(choices(await open('db'), 'build')).toEqual(['db 7.0.0', 'other']);
    expect(choices(await open('web'), 'build')).toBeUndefined();
    expect(fieldOf(await open('web'), 'service')).toMatchObject({ initial: 'web' });
    expect(fieldOf(await open('nonsense'), 'service')).toMatchObject({ initial: 'api' });
    // Sent without looking at the new builds: nothing is guessed.
    const stale = await open('api');
    expect(await fill('dana', stale, { service: 'db', build: 'api 1.0.0', type: 'normal' })).toMatchObject({
      refused: { field: 'build' },
    });
    expect(await world.audit('submitted')).toEqual([]);
  });

  it('takes an artifact by its digest, which counts instead of the build that is chosen', async () => {
    const world = await createWorld();
    const { form, fill } = formsOf(world);
    const old = await world.build('api', '1.0.0');
    await world.build('api', '1.1.0');
    const empty = await form('dana', { verb: 'change submit' });
    const filled = { service: 'api', build: 'api 1.1.0', type: 'normal' };
    expect(await fill('dana', empty, { ...filled, artifact: 'sha256:short' })).toMatchObject({
      refused: { field: 'artifact' },
    });
    await fill('dana', empty, { ...filled, artifact: ` ${old.toUpperCase()} ` });
    expect(await world.change('CHG-1')).toMatchObject({ version: '1.0.0', artifact: old });
    // A version that is typed counts too.
    await fill('dana', empty, { service: 'web', build: 'other', version: '3.0.0', type: 'normal' });
    expect(await world.change('CHG-2')).toMatchObject({ service: 'web', version: '3.0.0', artifact: null });
  });

  it('names the field that is at fault', async () => {
    const world = await createWorld();
    const { form, fill } = formsOf(world);
    const empty = await form('dana', { verb: 'change submit' });
    expect(fieldOf(empty, 'build')).toBeUndefined();
    const fault = async (flags: Readonly<Record<string, string>>) =>
      (await fill('dana', empty, { type: 'normal', ...flags })).refused?.field;
    expect(await fault({ service: 'nonsense' })).toBe('service');
    expect(await fault({ service: 'api' })).toBe('version');
    expect(await fault({ service: 'api', build: 'other' })).toBe('version');
    expect(await fault({ service: 'api', version: 'not a version' })).toBe('version');
    expect(await fault({ service: 'api', version: '1.0.0', type: 'odd' })).toBe('type');
    expect(await fault({ service: 'api', version: '1.0.0', train: 'monthly' })).toBe('train');
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
