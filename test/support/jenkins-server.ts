import { type ProtocolServer, protocolServer } from './protocol-server.ts';

export interface JenkinsBuild {
  readonly number: number;
  readonly parameters: Readonly<Record<string, string>>;
  /** In the queue until it has one. */
  begun: boolean;
  result: string | null;
  cancelled: boolean;
}

/** Written from Jenkins' remote access API: a job `deploy` under the prefix `/ci`, behind a proxy that it knows nothing of. */
export interface JenkinsServer extends ProtocolServer {
  readonly builds: JenkinsBuild[];
  /** `lost`: the answer to the POST; `forgotten`: queue items. */
  mode: 'good' | 'lost' | 'forgotten' | 'deleted' | 'garbage';
}

export const jenkinsServer = async (user: string, token: string): Promise<JenkinsServer> => {
  const builds: JenkinsBuild[] = [];
  const state: Pick<JenkinsServer, 'mode'> = { mode: 'good' };
  const own = 'http://jenkins.internal:8080/ci';
  const basic = `Basic ${Buffer.from(`${user}:${token}`).toString('base64')}`;
  const server = await protocolServer(({ method, path, headers, body, query }) => {
    if (headers.authorization !== basic) return { status: 401, body: 'Invalid password/token' };
    const build = (text: string | undefined) => builds.find(({ number }) => number === Number(text));
    if (state.mode === 'deleted') return { status: 404, body: '<html>Not found' };
    if (method === 'POST' && path === '/ci/job/deploy/buildWithParameters') {
      const number = builds.length + 1;
      const parameters = Object.fromEntries(new URLSearchParams(body));
      builds.push({ number, parameters, begun: false, result: null, cancelled: false });
      if (state.mode === 'lost') return 'drop';
      return { status: 201, headers: { location: `${own}/queue/item/${number}/` } };
    }
    if (state.mode === 'garbage') return { status: 200, body: '<html>maintenance' };
    if (path === '/ci/job/deploy/api/json')
      return {
        status: 200,
        body: {
          builds: builds
            .filter(({ begun }) => begun)
            .map(({ number, parameters }) => ({
              url: `${own}/job/deploy/${number}/`,
              actions: [
                {},
                { parameters: Object.entries(parameters).map(([name, value]) => ({ name, value })) },
              ],
            })),
        },
      };
    const queued = build(/^\/ci\/queue\/item\/(\d+)\/api\/json$/.exec(path)?.[1]);
    if (queued !== undefined && state.mode !== 'forgotten')
      return {
        status: 200,
        body: {
          why: 'Waiting for next available executor',
          cancelled: queued.cancelled,
          ...(queued.begun
            ? { executable: { number: queued.number, url: `${own}/job/deploy/${queued.number}/` } }
            : {}),
        },
      };
    if (method === 'POST' && path === '/ci/queue/cancelItem') {
      const item = build(query.get('id') ?? '');
      if (item) item.cancelled = true;
      return { status: 204 };
    }
    const [, number, verb] = /^\/ci\/job\/deploy\/(\d+)\/(api\/json|stop|consoleText)$/.exec(path) ?? [];
    const mine = build(number);
    if (mine === undefined) return { status: 404, body: '<html>Not found' };
    if (verb === 'consoleText') return { status: 200, body: `Started\nFinished: ${mine.result}\n` };
    if (verb === 'stop') {
      mine.result = 'ABORTED';
      return { status: 302, headers: { location: `${own}/job/deploy/` } };
    }
    return { status: 200, body: { building: mine.result === null, result: mine.result } };
  });
  return Object.assign(state, server, { builds });
};
