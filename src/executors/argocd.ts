import type { ArgocdRun } from '../domain/run.ts';
import { type Answer, answered, isRecord, jsonOf } from './http.ts';
import type { Look, Remote, Surroundings } from './remote.ts';
import { secretMissing } from './remote.ts';

const infoName = 'signalbox-run';

/**
 * An application that is synced and then waited for until it is healthy (Argo CD API). The sync carries the run's name,
 * so that somebody else's sync is never taken for ours.
 */
export const argocd: Remote<ArgocdRun> = {
  name: 'argocd',
  takes: (run) => run.executor === 'argocd',

  begin: async (run, name, _spec, around) => {
    if (around.secret(run.secret) === undefined) return secretMissing(run.secret);
    const answer = await call(run, around, 'POST', '/sync', {
      ...(run.revision === undefined ? {} : { revision: run.revision }),
      infos: [{ name: infoName, value: name }],
    });
    if (answer.kind === 'unreachable') return { kind: 'refused', reason: answer.reason };
    if (answer.kind === 'silent' || answer.status >= 500) return { kind: 'asked' };
    return answer.ok ? { kind: 'asked', ref: 'taken' } : { kind: 'refused', reason: answered(answer) };
  },

  look: async (run, name, _facts, around) => {
    const answer = await call(run, around, 'GET', '');
    if (answer.kind !== 'answer') return { kind: 'running', tail: answer.reason };
    if (answer.status === 404)
      return { kind: 'gone', reason: `there is no application ${run.application} any more` };
    const body = jsonOf(answer.text);
    if (!answer.ok || body === undefined) return { kind: 'running', tail: answered(answer) };
    if (isOurs(body['operation'], name)) return { kind: 'running', tail: 'the sync has not begun' };
    const status = isRecord(body['status']) ? body['status'] : {};
    const operation = isRecord(status['operationState']) ? status['operationState'] : {};
    if (!isOurs(operation['operation'], name))
      return { kind: 'gone', reason: 'the last sync of the application is not this one' };
    return phase(operation, isRecord(status['health']) ? status['health'] : {});
  },

  cancel: async (run, name, facts, around) => {
    const now = await argocd.look(run, name, facts, around);
    if (now.kind !== 'running') return false;
    const answer = await call(run, around, 'DELETE', '/operation');
    // Nothing to terminate: it has synced, and is only waited for.
    return answer.kind === 'answer' && (answer.ok || answer.status === 400 || answer.status === 404);
  },
};

const phase = (
  operation: Readonly<Record<string, unknown>>,
  health: Readonly<Record<string, unknown>>,
): Look => {
  const message = typeof operation['message'] === 'string' ? operation['message'] : '';
  switch (operation['phase']) {
    case 'Succeeded':
      return health['status'] === 'Healthy'
        ? { kind: 'ended', as: 'succeeded', tail: message }
        : { kind: 'running', tail: `synced, and ${String(health['status'])}` };
    case 'Failed':
    case 'Error':
      return {
        kind: 'ended',
        as: 'failed',
        reason: `the sync ended with ${operation['phase']}`,
        tail: message,
      };
    default:
      return { kind: 'running', tail: message };
  }
};

const isOurs = (operation: unknown, name: string): boolean =>
  isRecord(operation) &&
  Array.isArray(operation['info']) &&
  operation['info'].some((one) => isRecord(one) && one['name'] === infoName && one['value'] === name);

const call = (
  run: ArgocdRun,
  { http, secret }: Surroundings,
  method: 'GET' | 'POST' | 'DELETE',
  path: string,
  body?: object,
): Promise<Answer> =>
  http(`${run.url}/api/v1/applications/${encodeURIComponent(run.application)}${path}`, {
    method,
    headers: {
      authorization: `Bearer ${secret(run.secret) ?? ''}`,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
