import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { auditVerifyCommand } from '../../src/cli/database.ts';
import { chainHash, genesis } from '../../src/domain/audit.ts';
import { checkpointIn } from '../../src/domain/checkpoint.ts';
import { leafHash, treeRoot } from '../../src/domain/merkle.ts';
import { checkpointFile, createNotary, notesIn, openNote } from '../../src/integrations/notary.ts';
import { silentLog } from '../../src/log.ts';
import { armTimetable } from '../../src/operations/arm-timetable.ts';
import { checkpointAudit } from '../../src/operations/checkpoint-audit.ts';
import { readSettings } from '../../src/settings.ts';
import { shop } from '../support/shop.ts';
import { createWorld, type World } from '../support/world.ts';

const dataFolder = (): string => {
  const folder = mkdtempSync(join(tmpdir(), 'signalbox-proof-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
};

const watched = `${shop()}\nchannels: { audit: { slack: C01AUD } }\n`;

const notarised = async () => {
  const folder = dataFolder();
  const notary = createNotary(folder);
  const world = await createWorld({ policy: watched, over: { notary } });
  return { world, folder, notary };
};

const sign = (world: World) =>
  world.context.store.transaction(world.cause('system:clock'), (tx) => checkpointAudit(tx, world.context));

const verify = (world: World, folder: string, proofs: object = {}) =>
  auditVerifyCommand(
    readSettings({ DATABASE_URL: world.database.url, SIGNALBOX_DATA: folder }),
    silentLog,
    proofs,
  );

/** As the owner of the database, with the triggers out of the way. */
const tamper = async (world: World, ...statements: readonly string[]): Promise<void> => {
  await world.database.pool.query('alter table audit disable trigger user');
  for (const statement of statements) await world.database.pool.query(statement);
  await world.database.pool.query('alter table audit enable trigger user');
};

/** Recomputes every hash, as somebody would who knows how the chain is made. */
const forgeChain = async (world: World): Promise<void> => {
  const { rows } = await world.database.pool.query<{ seq: string; entry: string }>(
    'select seq, entry from audit order by seq',
  );
  let hash = genesis;
  await world.database.pool.query('alter table audit disable trigger user');
  for (const { seq, entry } of rows) {
    hash = chainHash(hash, entry);
    await world.database.pool.query('update audit set hash = $1 where seq = $2', [hash, seq]);
  }
  await world.database.pool.query('alter table audit enable trigger user');
};

describe('L12: a checkpoint', () => {
  it('is signed at midnight, written outside of the database, and posted where the policy says', async () => {
    const { world, folder, notary } = await notarised();
    await world.submit('dana', 'api');
    await world.advance('2026-11-24T00:00:00Z');
    const [note = '', ...more] = notesIn(readFileSync(checkpointFile(folder), 'utf8'));
    expect(more).toEqual([]);
    const { rows } = await world.database.pool.query<{ entry: string }>(
      'select entry from audit order by seq',
    );
    const root = treeRoot(rows.map(({ entry }) => leafHash(entry))).toString('base64');
    expect(checkpointIn(openNote(note, notary.verifierKey) ?? '')).toMatchObject({
      origin: 'signalbox/audit',
      size: rows.length,
      root,
      at: '2026-11-24T00:00:00.000Z',
    });
    expect((await world.notices()).filter(({ kind }) => kind === 'checkpoint')).toMatchObject([
      { lane: 'console/channel/audit', size: rows.length, root },
    ]);
    // The next ones go on from where it was.
    await world.submit('dev', 'db');
    await world.advance('2026-11-26T00:00:00Z');
    expect(notesIn(readFileSync(checkpointFile(folder), 'utf8'))).toHaveLength(3);
    expect((await verify(world, folder)).json).toMatchObject({ ok: true });
  });

  it('finds what a forger who remade the chain has changed, removed, swapped, added or cut off', async () => {
    const frauds: readonly (readonly [string, readonly string[], string])[] = [
      ['edited', [`update audit set entry = replace(entry, 'dana', 'mira') where seq = 1`], 'rewritten'],
      ['removed', ['delete from audit where seq = 2', 'update audit set seq = seq - 1 where seq > 2'], 'cut'],
      [
        'swapped',
        [
          'update audit set seq = -1 where seq = 1',
          'update audit set seq = 1 where seq = 2',
          'update audit set seq = 2 where seq = -1',
        ],
        'rewritten',
      ],
      ['cut', ['delete from audit where seq > 2'], 'cut'],
      ['emptied', ['delete from audit'], 'cut'],
    ];
    for (const [what, statements, reason] of frauds) {
      const { world, folder } = await notarised();
      for (const service of ['api', 'db', 'web', 'alone']) await world.submit('dana', service);
      await sign(world);
      expect((await verify(world, folder)).exit).toBe(0);
      await tamper(world, ...statements);
      await forgeChain(world);
      // The chain alone is deceived.
      expect([what, (await verify(world, dataFolder())).exit]).toEqual([what, 0]);
      expect([what, (await verify(world, folder)).json]).toEqual([
        what,
        expect.objectContaining({ ok: false, reason }),
      ]);
    }
  }, 60_000);

  it('what is added after it is no fault', async () => {
    const { world, folder } = await notarised();
    await world.submit('dana', 'api');
    await sign(world);
    await world.submit('dev', 'db');
    expect(await verify(world, folder)).toMatchObject({
      exit: 0,
      text: expect.stringContaining('1 checkpoints'),
    });
  });

  it('with any byte of it changed, or of another key, is a fault itself', async () => {
    const { world, folder, notary } = await notarised();
    await world.submit('dana', 'api');
    await sign(world);
    const content = readFileSync(checkpointFile(folder), 'utf8');
    const [note = ''] = notesIn(content);
    for (let i = 0; i < note.length; i += 1) {
      const changed = `${note.slice(0, i)}${note[i] === 'A' ? 'B' : 'A'}${note.slice(i + 1)}`;
      expect([i, openNote(changed, notary.verifierKey)]).toEqual([i, undefined]);
    }
    writeFileSync(checkpointFile(folder), content.replace('"note":"signalbox', '"note":"signalbux'));
    expect(await verify(world, folder)).toMatchObject({ exit: 1, text: expect.stringContaining('Line 1') });
    writeFileSync(checkpointFile(folder), `${content}{"note": cut off`);
    expect(await verify(world, folder)).toMatchObject({ exit: 1, text: expect.stringContaining('Line 2') });
    writeFileSync(checkpointFile(folder), content);
    const stranger = dataFolder();
    createNotary(stranger);
    expect(await verify(world, folder, { key: join(stranger, 'audit-key.pub') })).toMatchObject({ exit: 1 });
    expect((await verify(world, folder)).exit).toBe(0);
  });

  it('two that contradict each other are found, though both are signed', async () => {
    const { world, folder, notary } = await notarised();
    await world.submit('dana', 'api');
    await sign(world);
    const [note = ''] = notesIn(readFileSync(checkpointFile(folder), 'utf8'));
    const text = openNote(note, notary.verifierKey) ?? '';
    await notary.keep(notary.sign(text.replace(/\n[A-Za-z0-9+/]{43}=/, `\n${'A'.repeat(43)}=`)));
    expect(await verify(world, folder)).toMatchObject({
      exit: 1,
      text: expect.stringContaining('different things'),
    });
  });

  it('of two instances at once is one, and a key is made once and for its owner alone', async () => {
    const { world, folder, notary } = await notarised();
    await world.submit('dana', 'api');
    await Promise.all([sign(world), sign(world)]);
    const { rows } = await world.database.pool.query('select size from checkpoint');
    expect(rows).toHaveLength(1);
    expect(statSync(join(folder, 'audit-key.pem')).mode & 0o777).toBe(0o600);
    expect(createNotary(folder).verifierKey).toBe(notary.verifierKey);
    await armTimetable(world.context);
  });
});
