import { argocd } from './argocd.ts';
import type { Executor, Executors } from './executor.ts';
import { githubActions } from './github-actions.ts';
import { haproxy } from './haproxy.ts';
import { jenkins } from './jenkins.ts';
import { liveSideByHaproxy } from './live-side.ts';
import { createRemote, type RemoteOptions } from './remote.ts';
import { createRsyncExecutor } from './rsync.ts';
import { type CallbackOptions, webhook } from './webhook.ts';

/** Every executor there is; `command` runs the processes of this machine. */
export const createExecutors = (
  command: Executor,
  options: RemoteOptions & CallbackOptions,
): Required<Executors> => ({
  command,
  rsync: createRsyncExecutor(command),
  webhook: createRemote(webhook(options), options),
  'github-actions': createRemote(githubActions, options),
  jenkins: createRemote(jenkins, options),
  argocd: createRemote(argocd, options),
  haproxy: { ...createRemote(haproxy, options), liveSide: liveSideByHaproxy },
});
