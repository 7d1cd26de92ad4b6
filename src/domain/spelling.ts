/** The candidate that a misspelt word most likely meant, or undefined when none is near. */
export const closest = (word: string, candidates: Iterable<string>): string | undefined =>
  nearest(word, candidates)[0];

/**
 * Candidates within one edit per three characters (at least one), nearest first, equals in the order given.
 * Case does not count. An edit is an insertion, a deletion, a substitution or a swap of neighbours.
 */
export const nearest = (word: string, candidates: Iterable<string>): readonly string[] => {
  const folded = word.toLowerCase();
  return [...new Set(candidates)]
    .map((candidate) => ({
      candidate,
      edits: editsWithin(tolerance(candidate), folded, candidate.toLowerCase()),
    }))
    .filter(({ edits }) => edits !== undefined)
    .sort((a, b) => (a.edits ?? 0) - (b.edits ?? 0))
    .map(({ candidate }) => candidate);
};

/** Damerau-Levenshtein distance (optimal string alignment), in UTF-16 code units. */
export const editDistance = (a: string, b: string): number => {
  let beforePrevious: number[] = [];
  let previous = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const substitution = at(previous, j - 1) + (a[i - 1] === b[j - 1] ? 0 : 1);
      let edits = Math.min(at(previous, j) + 1, at(row, j - 1) + 1, substitution);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        edits = Math.min(edits, at(beforePrevious, j - 2) + 1);
      row.push(edits);
    }
    beforePrevious = previous;
    previous = row;
  }
  return at(previous, b.length);
};

const tolerance = (candidate: string): number => Math.max(1, Math.floor(candidate.length / 3));

/** Looks at lengths first: a megabyte of input is not compared letter by letter. */
const editsWithin = (limit: number, a: string, b: string): number | undefined => {
  if (Math.abs(a.length - b.length) > limit) return undefined;
  const edits = editDistance(a, b);
  return edits <= limit ? edits : undefined;
};

const at = (row: readonly number[], index: number): number => row[index] ?? Number.POSITIVE_INFINITY;
