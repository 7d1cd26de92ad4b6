import { type Answered, type ProtocolServer, protocolServer } from './protocol-server.ts';

/** Written from GitHub's REST description of workflow dispatches and runs (api version 2022-11-28). */
export interface GithubServer extends ProtocolServer {
  readonly runs: Map<number, GithubRun>;
  /** How dispatches are answered from now on. */
  dispatch: 'with-details' | 'old' | 'lost' | 'unsent' | 'deleted' | 'broken';
  /** What a look at a run is answered with instead. */
  fault: Answered | undefined;
}

export interface GithubRun {
  readonly id: number;
  readonly title: string;
  status: 'queued' | 'in_progress' | 'completed';
  conclusion: string | null;
}

export const githubServer = async (token: string): Promise<GithubServer> => {
  const runs = new Map<number, GithubRun>();
  const state: Pick<GithubServer, 'dispatch' | 'fault'> = { dispatch: 'with-details', fault: undefined };
  const add = (inputs: Readonly<Record<string, string>>): GithubRun => {
    const id = 30_433_642 + runs.size;
    const run = { id, title: Object.values(inputs).join(' '), status: 'queued', conclusion: null } as const;
    runs.set(id, { ...run });
    return run;
  };
  const shown = ({ id, title, status, conclusion }: GithubRun) => ({
    id,
    display_title: title,
    event: 'workflow_dispatch',
    status,
    conclusion,
    html_url: `https://github.example/org/shop/actions/runs/${id}`,
  });
  const server = await protocolServer(({ method, path, headers, body }) => {
    if (headers.authorization !== `Bearer ${token}`)
      return { status: 401, body: { message: 'Bad credentials' } };
    const tail = path.replace('/repos/org/shop/actions', '');
    if (method === 'POST' && tail === '/workflows/deploy.yml/dispatches') {
      const { inputs, return_run_details: details } = JSON.parse(body);
      if (state.dispatch === 'deleted') return { status: 404, body: { message: 'Not Found' } };
      if (state.dispatch === 'broken') return { status: 502, body: '<html>bad gateway' };
      if (state.dispatch === 'unsent') return 'drop';
      if (state.dispatch === 'old' && details !== undefined)
        return { status: 422, body: { message: '"return_run_details" is not a permitted key.' } };
      const run = add(inputs);
      if (state.dispatch === 'lost') return 'drop';
      if (state.dispatch === 'old') return { status: 204 };
      return { status: 200, body: { workflow_run_id: run.id, html_url: shown(run).html_url } };
    }
    if (state.fault !== undefined) return state.fault;
    if (tail === '/workflows/deploy.yml/runs')
      return { status: 200, body: { total_count: runs.size, workflow_runs: [...runs.values()].map(shown) } };
    const [, id = '', verb] = /^\/runs\/(\d+)(\/cancel)?$/.exec(tail) ?? [];
    const run = runs.get(Number(id));
    if (run === undefined) return { status: 404, body: { message: 'Not Found' } };
    if (verb === undefined) return { status: 200, body: shown(run) };
    if (run.status === 'completed')
      return { status: 409, body: { message: 'Cannot cancel a completed run' } };
    run.status = 'completed';
    run.conclusion = 'cancelled';
    return { status: 202, body: {} };
  });
  return Object.assign(state, server, { runs });
};
