/**
 * How a step is done. `{service}`-like placeholders are filled in each text by itself, never through a shell. `secret`
 * is the name of a secret that the bot's environment holds; no value of one is ever part of a run.
 */
export type Run = CommandRun | WebhookRun | GithubActionsRun | JenkinsRun | ArgocdRun | HaproxyRun | RsyncRun;
export type ExecutorName = Run['executor'];

export interface CommandRun {
  readonly executor: 'command';
  /** Program and arguments; at least one. */
  readonly command: readonly string[];
}

export interface WebhookRun {
  readonly executor: 'webhook';
  readonly url: string;
  readonly body: Readonly<Record<string, string>>;
  readonly secret?: string;
  /** Asked by GET until it says how the step ended. Neither this nor a callback: the answer to the POST decides. */
  readonly status?: string;
  readonly callback: boolean;
  /** Told by POST that the step is to be stopped. */
  readonly cancel?: string;
}

export interface GithubActionsRun {
  readonly executor: 'github-actions';
  readonly api: string;
  /** `owner/name` */
  readonly repository: string;
  /** File name or number. */
  readonly workflow: string;
  readonly ref: string;
  readonly inputs: Readonly<Record<string, string>>;
  /** Input that the workflow shows in its `run-name`: finds the run when the answer that names it was lost. */
  readonly correlation?: string;
  readonly secret: string;
}

export interface JenkinsRun {
  readonly executor: 'jenkins';
  /** Of the job. */
  readonly url: string;
  readonly parameters: Readonly<Record<string, string>>;
  readonly user?: string;
  readonly secret?: string;
}

export interface ArgocdRun {
  readonly executor: 'argocd';
  readonly url: string;
  readonly application: string;
  readonly revision?: string;
  readonly secret: string;
}

export interface HaproxyRun {
  readonly executor: 'haproxy';
  /** Path of its stats socket, or `host:port`. */
  readonly socket: string;
  readonly backend: string;
  /** Server that takes all requests from now on. */
  readonly to: string;
  /** Servers that take no new ones. */
  readonly from: readonly string[];
}

/** Asks which side of production is live: a program that prints its name, or HAProxy. Changes nothing. */
export type LiveQuery = CommandRun | Pick<HaproxyRun, 'executor' | 'socket' | 'backend'>;

export interface RsyncRun {
  readonly executor: 'rsync';
  /** Folder of staged content; absent: the version before this deployment's is put back. */
  readonly from?: string;
  /** Folder that holds `current` and `versions`. */
  readonly to: string;
  /** Versions that stay besides the current one. */
  readonly keep: number;
}
