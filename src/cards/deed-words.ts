import { roleName, spaced } from './words.ts';

/** After a change's name. */
export const states: Readonly<Record<string, string>> = {
  boarded: 'is still collecting its papers',
  deploying: 'is being deployed',
  deployed: 'is in production',
  'rolled-back': 'was rolled back',
  failed: 'failed in production',
  withdrawn: 'was withdrawn',
};

/** After a deployment's name. */
export const deploymentStates: Readonly<Record<string, string>> = {
  queued: 'has not started',
  running: 'is running',
  baking: 'bakes: no phase is promoted before its time',
  baked: 'waits between two phases',
  refreshing: 'is done, and its old side is being brought up to date',
  undoing: 'is being rolled back already',
  asking: 'first needs an answer to what became of its step',
  succeeded: 'is done',
  'rolled-back': 'was rolled back',
  failed: 'failed',
  cancelled: 'was cancelled before it started',
};

/** What somebody wanted to do, as operations call it, as a noun. */
export const deedText = (what: string): string => {
  const [kind = '', of] = what.split(':');
  const words: Readonly<Record<string, string>> = {
    approve: 'approving',
    reject: 'rejecting a change',
    veto: 'a veto',
    go: 'a go',
    nogo: 'a no-go',
    move: 'moving somebody else’s change',
    withdraw: 'withdrawing somebody else’s change',
    'incident declare': 'declaring an incident',
    'incident fix': 'recording a fix',
    'incident note': 'a note',
    'incident close': 'closing an incident',
    emergency: 'an emergency',
    late: 'asking for a late change',
    settle: 'settling a debt',
    'take over': 'taking a debt over',
    'let board': 'letting a team board in spite of its debts',
    'roll back': 'rolling back',
    promote: 'promoting a phase',
    abort: 'aborting a deployment',
    stop: 'stopping everything',
    'at the end': 'saying what becomes of what still runs at a window’s end',
    milestone: 'saying that a milestone is there',
    resolve: 'saying what became of a step',
    pause: 'pausing a train',
    resume: 'resuming a train',
    'date-approved': 'approving a deployment date',
    records: 'saying that records are ready',
    'sign-off': `a sign-off${of === undefined ? '' : ` as ${roleName(of)}`}`,
    'change reject': 'a rejection',
    'change veto': 'a veto',
    'train nogo': 'a no-go',
  };
  return words[what] ?? words[kind] ?? spaced(what);
};
