import { createServer, type Server as HttpServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Application } from 'express';
import type pg from 'pg';
import { changeName } from '../src/domain/change.ts';
import type { Person, Policy } from '../src/domain/policy.ts';
import type { Context } from '../src/operations/context.ts';
import { listChanges } from '../src/store/changes.ts';
import { ms, quantile, type Row, timed } from './support.ts';

/** Clicks at once, and how many rounds of them; the first round warms up. */
const loads = [
  { atOnce: 1, rounds: 60 },
  { atOnce: 10, rounds: 20 },
  { atOnce: 50, rounds: 8 },
] as const;
export const clicks = loads.reduce((sum, { atOnce, rounds }) => sum + atOnce * (rounds + 1), 0);

/** The click with this number; it throws when it was not taken. */
type Side = (n: number) => Promise<void>;

/** Ours, the same SDK that commits one row before it answers, and the SDK that only answers: in turn, in one process. */
export const measureClicks = async (
  what: string,
  floors: Readonly<Record<'row' | 'bare', string>>,
  sides: Readonly<Record<'ours' | 'bare' | 'row', Side>>,
): Promise<readonly Row[]> => {
  const rows: Row[] = [];
  let next = 0;
  for (const { atOnce, rounds } of loads) {
    const taken = { ours: [] as number[], bare: [] as number[], row: [] as number[] };
    const elapsed = { ours: 0, bare: 0, row: 0 };
    for (let round = 0; round <= rounds; round += 1) {
      const first = next;
      next += atOnce;
      for (const name of ['bare', 'row', 'ours'] as const) {
        const samples: number[] = [];
        const whole = await timed(() =>
          Promise.all(
            Array.from({ length: atOnce }, async (_, i) =>
              samples.push(await timed(() => sides[name](first + i))),
            ),
          ),
        );
        if (round === 0) continue;
        taken[name].push(...samples);
        elapsed[name] += whole;
      }
    }
    const perSecond = (name: keyof typeof taken): string =>
      `${Math.round((taken[name].length / elapsed[name]) * 1_000)}/s`;
    for (const name of ['row', 'bare'] as const)
      for (const [word, q] of [
        ['p50', 0.5],
        ['p99', 0.99],
      ] as const) {
        const [figure, against] = [quantile(taken.ours, q), quantile(taken[name], q)];
        rows.push({
          what: `${what}, ${atOnce} at once, ${word}`,
          figure: `${ms(figure)}, ${perSecond('ours')}`,
          floor: `${floors[name]} ${ms(against)}, ${perSecond(name)}`,
          ratio: figure / against,
          ...(name === 'row' && word === 'p99' ? { aim: 1.5 } : {}),
        });
      }
  }
  return rows;
};

export interface Listening {
  readonly url: string;
  close(): Promise<void>;
}

export const listen = async (web: Application, path: string): Promise<Listening> => {
  const http: HttpServer = createServer(web);
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  const { port } = http.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}${path}`,
    close: async () => {
      http.closeAllConnections();
      await new Promise((resolve) => http.close(resolve));
    },
  };
};

/** Every press of ours was an approval, or the measure measures something else. */
export const checkCommitted = async (pool: pg.Pool): Promise<void> => {
  const { rows } = await pool.query<{ count: number }>(
    "select count(*)::int as count from decision where person = 'remy'",
  );
  if (rows[0]?.count !== clicks) throw new Error(`${rows[0]?.count} approvals of ${clicks} clicks`);
};

/** The title of every change's card, by its name, as the channel has it. */
export const titlesOf = async ({ store }: Context, train: string): Promise<ReadonlyMap<string, string>> =>
  new Map(
    (await listChanges(store.db, { train })).map((change) => [
      changeName(change.id),
      `${changeName(change.id)} ${change.service} ${change.version} · ${change.type}`,
    ]),
  );

export const withAccount = (policy: Policy, id: string, account: Pick<Person, 'slack' | 'teams'>): Policy => {
  const person = policy.people.get(id);
  if (person === undefined) throw new Error(`no ${id}`);
  return { ...policy, people: new Map([...policy.people, [id, { ...person, ...account }]]) };
};
