/** One line of the table: a figure against its floor, measured side by side in the same run. */
export interface Row {
  readonly what: string;
  /** The figure itself, with its unit: for orientation, it belongs to this machine and this minute. */
  readonly figure: string;
  readonly floor: string;
  readonly ratio: number;
  /** The largest ratio that is good enough; absent where none was promised. */
  readonly aim?: number;
}

export type Sample = readonly number[];

/** `q` between 0 and 1; the nearest observation. */
export const quantile = (sample: Sample, q: number): number =>
  sample.toSorted((a, b) => a - b)[Math.max(0, Math.ceil(sample.length * q) - 1)] ?? Number.NaN;

export const median = (sample: Sample): number => quantile(sample, 0.5);

/** Milliseconds that it took. */
export const timed = async (work: () => unknown): Promise<number> => {
  const start = performance.now();
  await work();
  return performance.now() - start;
};

/** Numbered from 0 through the whole run, so that each call may take a subject of its own. */
export type Side = (call: number) => unknown;

/**
 * Times the sides in turn, call by call, so that whatever else the machine does falls on all of them alike; the first
 * round warms up and is dropped. Each side's samples, round by round.
 */
export const interleaved = async <Name extends string>(
  sides: Readonly<Record<Name, Side>>,
  { rounds, calls }: { readonly rounds: number; readonly calls: number },
): Promise<Readonly<Record<Name, readonly Sample[]>>> => {
  const names = Object.keys(sides) as Name[];
  const samples = Object.fromEntries(names.map((name) => [name, [] as Sample[]])) as Record<Name, Sample[]>;
  for (let round = 0; round <= rounds; round += 1) {
    const taken = new Map<Name, number[]>(names.map((name) => [name, []]));
    for (let call = 0; call < calls; call += 1)
      for (const name of names) taken.get(name)?.push(await timed(() => sides[name](round * calls + call)));
    if (round > 0) for (const name of names) samples[name].push(taken.get(name) ?? []);
  }
  return samples;
};

/** The median over the rounds of the ratio of the rounds' medians: one disturbed round decides nothing. */
export const ratioOf = (figure: readonly Sample[], floor: readonly Sample[]): number =>
  median(figure.map((sample, round) => median(sample) / median(floor[round] ?? [])));

export const ms = (milliseconds: number): string =>
  `${milliseconds.toFixed(milliseconds < 10 ? 2 : milliseconds < 100 ? 1 : 0)} ms`;

const verdict = ({ ratio, aim }: Row): string => (aim === undefined ? '' : ratio <= aim ? 'met' : 'MISSED');

export const table = (rows: readonly Row[]): string => {
  const cells = [
    ['measure', 'figure', 'floor', 'ratio', 'aim', ''],
    ...rows.map((row) => [
      row.what,
      row.figure,
      row.floor,
      row.ratio.toFixed(2),
      row.aim === undefined ? '' : `≤ ${row.aim}`,
      verdict(row),
    ]),
  ];
  const widths = [0, 1, 2, 3, 4, 5].map((column) =>
    Math.max(...cells.map((row) => row[column]?.length ?? 0)),
  );
  return cells
    .map((row) =>
      row
        .map((cell, column) =>
          column === 3 ? cell.padStart(widths[3] ?? 0) : cell.padEnd(widths[column] ?? 0),
        )
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
};
