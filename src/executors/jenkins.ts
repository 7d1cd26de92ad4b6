import type { JenkinsRun } from '../domain/run.ts';
import { type Answer, answered, isRecord, jsonOf, lastBytes } from './http.ts';
import type { Look, Remote, Surroundings } from './remote.ts';
import { secretMissing } from './remote.ts';

/** Parameter by which a build is found again when the answer that names its place in the queue was lost. */
const runParameter = 'SIGNALBOX_RUN';

/**
 * A parameterized job (Jenkins remote access API): the queue item that the answer names, then its build, then its
 * result. Paths of answers are taken, hosts are not: the token goes to the host that the policy names only.
 */
export const jenkins: Remote<JenkinsRun> = {
  name: 'jenkins',
  takes: (run) => run.executor === 'jenkins',

  begin: async (run, name, _spec, around) => {
    if (run.secret !== undefined && around.secret(run.secret) === undefined) return secretMissing(run.secret);
    const body = new URLSearchParams({ ...run.parameters, [runParameter]: name }).toString();
    const answer = await call(run, around, 'POST', `${run.url}/buildWithParameters`, body);
    if (answer.kind === 'unreachable') return { kind: 'refused', reason: answer.reason };
    if (answer.kind === 'silent' || answer.status >= 500) return { kind: 'asked' };
    if (!answer.ok) return { kind: 'refused', reason: answered(answer) };
    const path = answer.location === null ? undefined : pathOf(answer.location);
    return path === undefined ? { kind: 'asked' } : { kind: 'asked', ref: path };
  },

  look: async (run, name, { ref }, around) => {
    if (ref === undefined) return find(run, name, around);
    return ref.includes('/queue/item/') ? lookInQueue(run, name, ref, around) : lookAtBuild(run, ref, around);
  },

  cancel: async (run, _name, { ref }, around) => {
    if (ref === undefined) return false;
    const item = /\/queue\/item\/(\d+)/.exec(ref)?.[1];
    const url =
      item === undefined ? `${at(run, ref)}stop` : at(run, `${prefixOf(ref)}/queue/cancelItem?id=${item}`);
    const answer = await call(run, around, 'POST', url);
    // Stopping redirects to the page that it came from.
    return answer.kind === 'answer' && answer.status < 400;
  },
};

const lookInQueue = async (
  run: JenkinsRun,
  name: string,
  ref: string,
  around: Surroundings,
): Promise<Look> => {
  const answer = await call(run, around, 'GET', `${at(run, ref)}api/json`);
  if (answer.kind !== 'answer') return { kind: 'running', tail: answer.reason };
  // An item is forgotten some minutes after its build has begun.
  if (answer.status === 404) return find(run, name, around);
  const body = jsonOf(answer.text);
  if (!answer.ok || body === undefined) return { kind: 'running', tail: answered(answer) };
  if (body['cancelled'] === true)
    return { kind: 'ended', as: 'failed', reason: 'it was taken off the queue', tail: '' };
  const { executable } = body;
  const build =
    isRecord(executable) && typeof executable['url'] === 'string' ? pathOf(executable['url']) : undefined;
  return build === undefined
    ? { kind: 'running', tail: typeof body['why'] === 'string' ? body['why'] : 'in the queue' }
    : { kind: 'running', tail: '', ref: build };
};

const lookAtBuild = async (run: JenkinsRun, ref: string, around: Surroundings): Promise<Look> => {
  const answer = await call(run, around, 'GET', `${at(run, ref)}api/json`);
  if (answer.kind !== 'answer') return { kind: 'running', tail: answer.reason };
  if (answer.status === 404) return { kind: 'gone', reason: `the build ${ref} is not there any more` };
  const body = jsonOf(answer.text);
  if (!answer.ok || body === undefined) return { kind: 'running', tail: answered(answer) };
  const { building, result } = body;
  if (building !== false || typeof result !== 'string') return { kind: 'running', tail: ref };
  const log = await call(run, around, 'GET', `${at(run, ref)}consoleText`);
  const tail = log.kind === 'answer' && log.ok ? lastBytes(log.text) : '';
  return result === 'SUCCESS'
    ? { kind: 'ended', as: 'succeeded', tail }
    : { kind: 'ended', as: 'failed', reason: `the build ended with ${result}`, tail };
};

const find = async (run: JenkinsRun, name: string, around: Surroundings): Promise<Look> => {
  const tree = 'builds[url,actions[parameters[name,value]]]{0,100}';
  const answer = await call(run, around, 'GET', `${run.url}/api/json?tree=${encodeURIComponent(tree)}`);
  if (answer.kind !== 'answer') return { kind: 'running', tail: answer.reason };
  if (answer.status === 404) return { kind: 'gone', reason: 'the job is not there any more' };
  const builds = jsonOf(answer.text)?.['builds'];
  if (!answer.ok || !Array.isArray(builds)) return { kind: 'running', tail: answered(answer) };
  const mine = builds.find((build) => isRecord(build) && hasParameter(build['actions'], name));
  const path = isRecord(mine) && typeof mine['url'] === 'string' ? pathOf(mine['url']) : undefined;
  return path === undefined
    ? { kind: 'running', tail: 'no build of it is listed yet' }
    : { kind: 'running', tail: '', ref: path };
};

const hasParameter = (actions: unknown, name: string): boolean =>
  Array.isArray(actions) &&
  actions
    .flatMap((action): unknown[] =>
      isRecord(action) && Array.isArray(action['parameters']) ? action['parameters'] : [],
    )
    .some((one) => isRecord(one) && one['name'] === runParameter && one['value'] === name);

const call = (
  run: JenkinsRun,
  { http, secret }: Surroundings,
  method: 'GET' | 'POST',
  url: string,
  body?: string,
): Promise<Answer> => {
  const token = run.secret === undefined ? undefined : secret(run.secret);
  const basic = Buffer.from(`${run.user ?? ''}:${token ?? ''}`).toString('base64');
  return http(url, {
    method,
    headers: {
      ...(token === undefined ? {} : { authorization: `Basic ${basic}` }),
      ...(body === undefined ? {} : { 'content-type': 'application/x-www-form-urlencoded' }),
    },
    ...(body === undefined ? {} : { body }),
  });
};

/** Ends with a slash. */
const pathOf = (url: string): string | undefined => {
  if (!URL.canParse(url, 'http://jenkins')) return undefined;
  const { pathname } = new URL(url, 'http://jenkins');
  return pathname.endsWith('/') ? pathname : `${pathname}/`;
};

const at = (run: JenkinsRun, path: string): string => new URL(path, run.url).href;

/** Of a Jenkins that does not live at the root of its host. */
const prefixOf = (ref: string): string => ref.slice(0, ref.indexOf('/queue/item/'));
