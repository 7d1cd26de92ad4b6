import { createHash } from 'node:crypto';
import type { Direction } from './deployment.ts';

export interface RunIdentity {
  readonly deployment: string;
  readonly step: string;
  readonly direction: Direction;
  readonly attempt: number;
  readonly fence: number;
}

/** Names one run: unique by its digest; the words before it are for people who look into a folder or a log. */
export const runName = ({ deployment, step, direction, attempt, fence }: RunIdentity): string => {
  const words = [deployment, step, direction, attempt].join('.').replaceAll(/[^A-Za-z0-9.-]+/g, '-');
  const identity = JSON.stringify([deployment, step, direction, attempt, fence]);
  const digest = createHash('sha256').update(identity).digest('hex').slice(0, 16);
  return `run-${words.slice(0, 80)}.${digest}`;
};
