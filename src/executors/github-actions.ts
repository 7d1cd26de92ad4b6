import type { GithubActionsRun } from '../domain/run.ts';
import { type Answer, answered, isRecord, jsonOf } from './http.ts';
import type { Look, Remote, Surroundings } from './remote.ts';
import { secretMissing } from './remote.ts';

/**
 * A workflow that `workflow_dispatch` starts (GitHub REST, Actions). The answer names the run since February 2026;
 * a server that does not know `return_run_details` is asked without it, and the run is found by its title, which must
 * then contain the `correlation` input.
 */
export const githubActions: Remote<GithubActionsRun> = {
  name: 'github-actions',
  takes: (run) => run.executor === 'github-actions',

  begin: async (run, name, _spec, around) => {
    if (around.secret(run.secret) === undefined) return secretMissing(run.secret);
    const inputs = { ...run.inputs, ...(run.correlation === undefined ? {} : { [run.correlation]: name }) };
    const dispatch = (details: object): Promise<Answer> =>
      call(run, around, 'POST', `/actions/workflows/${encodeURIComponent(run.workflow)}/dispatches`, {
        ref: run.ref,
        inputs,
        ...details,
      });
    let answer = await dispatch({ return_run_details: true });
    const isUnknown =
      answer.kind === 'answer' &&
      (answer.status === 400 || answer.status === 422) &&
      answer.text.includes('return_run_details');
    if (isUnknown) answer = await dispatch({});
    if (answer.kind === 'unreachable') return { kind: 'refused', reason: answer.reason };
    if (answer.kind === 'silent' || answer.status >= 500) return { kind: 'asked' };
    if (!answer.ok) return { kind: 'refused', reason: answered(answer) };
    const id = jsonOf(answer.text)?.['workflow_run_id'];
    return typeof id === 'number' ? { kind: 'asked', ref: String(id) } : { kind: 'asked' };
  },

  look: async (run, name, { ref }, around) => {
    if (ref !== undefined) return lookAt(run, ref, around);
    if (run.correlation === undefined)
      return { kind: 'gone', reason: 'it was asked for, and the answer that names the run did not come' };
    const query = new URLSearchParams({ event: 'workflow_dispatch', per_page: '50' });
    const path = `/actions/workflows/${encodeURIComponent(run.workflow)}/runs?${query}`;
    const answer = await call(run, around, 'GET', path);
    if (answer.kind !== 'answer') return { kind: 'running', tail: answer.reason };
    if (answer.status === 404) return { kind: 'gone', reason: 'the workflow is not there any more' };
    const runs = jsonOf(answer.text)?.['workflow_runs'];
    const mine = (Array.isArray(runs) ? runs : []).find(
      (one) => isRecord(one) && String(one['display_title']).includes(name),
    );
    if (isRecord(mine) && typeof mine['id'] === 'number')
      return { kind: 'running', tail: linkOf(mine), ref: String(mine['id']) };
    return { kind: 'running', tail: answer.ok ? 'its run is not listed yet' : answered(answer) };
  },

  cancel: async (run, _name, { ref }, around) => {
    if (ref === undefined) return false;
    const answer = await call(run, around, 'POST', `/actions/runs/${ref}/cancel`);
    // 409: it has ended meanwhile.
    return answer.kind === 'answer' && (answer.ok || answer.status === 409);
  },
};

const lookAt = async (run: GithubActionsRun, id: string, around: Surroundings): Promise<Look> => {
  const answer = await call(run, around, 'GET', `/actions/runs/${id}`);
  if (answer.kind !== 'answer') return { kind: 'running', tail: answer.reason };
  if (answer.status === 404) return { kind: 'gone', reason: `run ${id} is not there any more` };
  const body = jsonOf(answer.text);
  if (!answer.ok || body === undefined) return { kind: 'running', tail: answered(answer) };
  const { status, conclusion } = body;
  if (status !== 'completed') return { kind: 'running', tail: linkOf(body) };
  // Neutral, skipped or stale is not done.
  return conclusion === 'success'
    ? { kind: 'ended', as: 'succeeded', tail: linkOf(body) }
    : { kind: 'ended', as: 'failed', reason: `the run ended with ${String(conclusion)}`, tail: linkOf(body) };
};

const call = (
  run: GithubActionsRun,
  { http, secret }: Surroundings,
  method: 'GET' | 'POST',
  path: string,
  body?: object,
): Promise<Answer> =>
  http(`${run.api}/repos/${run.repository}${path}`, {
    method,
    headers: {
      accept: 'application/vnd.github+json',
      authorization: `Bearer ${secret(run.secret) ?? ''}`,
      'x-github-api-version': '2022-11-28',
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });

const linkOf = (body: Readonly<Record<string, unknown>>): string =>
  typeof body['html_url'] === 'string' ? body['html_url'] : '';
