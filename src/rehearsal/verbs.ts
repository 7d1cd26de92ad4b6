/** Words that ask for something to be changed; everything else only looks. */
export const isAction = (words: string): boolean =>
  words.startsWith('[') ||
  /^change (submit|approve|reject|veto|rescind|move|withdraw|sign-off|records|approve-date)\b/.test(words) ||
  /^(train (go|nogo)|deploy (pause|resume|abort|rollback|promote|resolve))\b/.test(words);
