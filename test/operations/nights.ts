import { eventually } from '../executors/runs.ts';
import type { World } from '../support/world.ts';

export const states = async (world: World, ...changes: readonly string[]) => {
  const all: string[] = [];
  for (const change of changes) all.push((await world.deployment(change)).state);
  return all;
};

export const holdOf = async (world: World, change: string) => (await world.deployment(change)).hold?.code;

export const began = (world: World, line: string) =>
  eventually(() => (world.ledger().includes(line) ? true : undefined));

/** Steps that wait for `open.gate`. */
export const waits = 'while [ ! -f "$BEHAVIOUR/open.gate" ]; do sleep 0.02; done';
export const openGate = (world: World) => world.behave('open', 'gate', '');

export const steps = (service: string) => [`${service} prepare`, `${service} check`, `${service} switch`];
export const undone = (service: string) => [`${service} back`, `${service} clean`];
