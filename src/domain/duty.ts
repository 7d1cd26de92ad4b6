/** What a person does for a change. Its requester is always one of its authors. */
export type Duty = 'author' | 'tester' | 'approver' | 'deployer';

export const separationRules = [
  'cannotApproveOwn',
  'approverNotTester',
  'testerNotAuthor',
  'deployerNotAuthor',
  'deployerNotApprover',
] as const;
export type SeparationRule = (typeof separationRules)[number];
