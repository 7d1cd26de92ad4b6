import { generateKeyPairSync, sign, verify } from 'node:crypto';
import { systemClock } from '../src/clock.ts';
import { append, emptyTree, leafHash, rootOf } from '../src/domain/merkle.ts';
import { doubtOf, preAuthentication } from '../src/domain/provenance.ts';
import { appendAudit, verifyAudit } from '../src/store/audit.ts';
import type { Store } from '../src/store/store.ts';
import { type Server, using } from './server.ts';
import { interleaved, median, ms, type Row, ratioOf, timed } from './support.ts';

const small = 100_000;
const large = 1_000_000;
const portion = 10_000;

/** What it costs to prove the record, and to believe a build. */
export const proof = async (server: Server): Promise<readonly Row[]> => [
  ...(await verification(server)),
  await provenance(),
];

/** The whole chain recomputed and held to a checkpoint of all of it. */
const verification = async (server: Server): Promise<readonly Row[]> => {
  const database = await server.database();
  const rows = await using(database, async ({ store }) => {
    const measure = async (): Promise<number> => {
      const roots = await checkpointOf(store);
      return timed(async () => {
        const verdict = await verifyAudit(store.db, roots);
        if (!verdict.ok) throw new Error(verdict.reason);
      });
    };
    await fill(store, small);
    await measure();
    const few = await measure();
    await fill(store, large - small);
    const many = await measure();
    return [
      {
        what: `record of ${large} entries verified, per entry`,
        figure: `${ms(many)} in all`,
        floor: `${small}: ${ms(few)} in all`,
        ratio: many / large / (few / small),
        aim: 1.3,
      },
      {
        what: `record of ${large} entries verified`,
        figure: ms(many),
        floor: 'ten seconds',
        ratio: many / 10_000,
        aim: 1,
      },
    ];
  });
  await server.drop(database);
  return rows;
};

const fill = async ({ db }: Store, entries: number): Promise<void> => {
  const at = systemClock.now().toISOString();
  for (let start = 0; start < entries; start += portion)
    await db.transaction().execute((trx) =>
      appendAudit(
        trx,
        Array.from({ length: portion }, (_, n) => ({
          kind: 'evidence' as const,
          service: 'checkout',
          outcome: 'pass',
          facts: { kind: 'build', version: `1.0.${start + n}`, source: 'hook' },
          // Who and when come last, as the store writes them.
          actor: 'system:ci',
          at,
        })),
      ),
    );
};

const checkpointOf = async ({ db }: Store): Promise<ReadonlyMap<number, string>> => {
  let tree = emptyTree;
  for (;;) {
    const page = await db
      .selectFrom('audit')
      .select('entry')
      .where('seq', '>', tree.size)
      .orderBy('seq')
      .limit(portion)
      .execute();
    if (page.length === 0) return new Map([[tree.size, rootOf(tree).toString('base64')]]);
    for (const { entry } of page) tree = append(tree, leafHash(entry));
  }
};

const type = 'application/vnd.in-toto+json';

/** A provenance verified, against the bare signature of the same bytes. */
const provenance = async (): Promise<Row> => {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  const builder = 'https://ci.shop.example/release';
  const digest = 'ab'.repeat(32);
  const payload = Buffer.from(
    JSON.stringify({
      _type: 'https://in-toto.io/Statement/v1',
      subject: [{ name: 'image', digest: { sha256: digest } }],
      predicateType: 'https://slsa.dev/provenance/v1',
      predicate: { buildDefinition: {}, runDetails: { builder: { id: builder } } },
    }),
  );
  const data = preAuthentication(type, payload);
  const signature = sign(null, data, privateKey);
  const envelope = {
    payloadType: type,
    payload: payload.toString('base64'),
    signatures: [{ sig: signature.toString('base64') }],
  };
  const keys = [publicKey.export({ type: 'spki', format: 'pem' }).toString()];
  const expected = { artifact: `sha256:${digest}`, builder };
  const samples = await interleaved(
    {
      provenance: () => {
        if (doubtOf(envelope, expected, keys) !== undefined) throw new Error('doubted');
      },
      signature: () => {
        if (!verify(null, data, publicKey, signature)) throw new Error('not signed');
      },
    },
    { rounds: 5, calls: 400 },
  );
  const each = median(samples.provenance.flat());
  return {
    what: 'provenance verified',
    figure: `${ms(each)}, ${Math.round(1_000 / each)} a second`,
    floor: `its signature ${ms(median(samples.signature.flat()))}`,
    ratio: ratioOf(samples.provenance, samples.signature),
  };
};
