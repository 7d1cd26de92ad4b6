import type { WebhookRun } from '../domain/run.ts';
import { stepToken } from '../domain/step-token.ts';
import { answered, isRecord, jsonOf, lastBytes } from './http.ts';
import type { Begun, Look, Remote, Surroundings } from './remote.ts';
import { secretMissing } from './remote.ts';

export interface CallbackOptions {
  /** As the world reaches this server; absent: no step can be called back. */
  readonly publicUrl?: string | undefined;
  /** Signs the callbacks' tokens. */
  readonly hookSecret?: { reveal(): string } | undefined;
}

/**
 * Any system that takes a POST. The idempotency key names the run: deployment, step, attempt and fence; a receiver does
 * nothing twice for one key. How it ended is told by the answer itself, by `status` when asked, or by a callback.
 */
export const webhook = ({ publicUrl, hookSecret }: CallbackOptions): Remote<WebhookRun> => ({
  name: 'webhook',
  takes: (run) => run.executor === 'webhook',

  begin: async (run, name, spec, around) => {
    if (run.callback && (publicUrl === undefined || hookSecret === undefined))
      return refused('a callback needs PUBLIC_URL and SIGNALBOX_HOOK_SECRET');
    const credentials = credentialsOf(run, around);
    if (credentials === undefined) return secretMissing(run.secret ?? '');
    const { deployment, step, direction, attempt } = spec;
    const callback =
      run.callback && hookSecret !== undefined
        ? { callback: `${publicUrl}/hooks/steps/${stepToken(hookSecret.reveal(), name)}` }
        : {};
    const answer = await around.http(run.url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'idempotency-key': name, ...credentials },
      body: JSON.stringify({ ...run.body, run: name, deployment, step, direction, attempt, ...callback }),
    });
    if (answer.kind === 'unreachable') return refused(answer.reason);
    if (answer.kind === 'silent') return { kind: 'asked' };
    // A server that failed may have done half of it: the step has failed and is undone.
    if (!answer.ok)
      return answer.status < 500
        ? refused(answered(answer))
        : { kind: 'ended', as: 'failed', reason: answered(answer), tail: lastBytes(answer.text) };
    if (run.status === undefined && !run.callback)
      return { kind: 'ended', as: 'succeeded', tail: lastBytes(answer.text) };
    return { kind: 'asked', ref: 'taken' };
  },

  look: async (run, _name, { ref }, around) => {
    if (run.status === undefined)
      return run.callback
        ? { kind: 'running', tail: 'waits to be called back' }
        : { kind: 'gone', reason: 'it was asked for, and no answer came' };
    const answer = await around.http(run.status, { headers: credentialsOf(run, around) ?? {} });
    if (answer.kind !== 'answer') return { kind: 'running', tail: answer.reason };
    if (answer.status === 404)
      return {
        kind: 'gone',
        reason:
          ref === undefined
            ? 'it was asked for, and nobody knows of it there'
            : 'nobody knows of it there any more',
      };
    return answer.ok ? told(answer.text) : { kind: 'running', tail: answered(answer) };
  },

  cancel: async (run, name, _facts, around) => {
    if (run.cancel === undefined) return false;
    const answer = await around.http(run.cancel, {
      method: 'POST',
      headers: { 'idempotency-key': `${name}.cancel`, ...credentialsOf(run, around) },
    });
    return answer.kind === 'answer' && answer.ok;
  },
});

/** `{state: running | succeeded | failed, output?}`; what is neither is no answer, and it is asked again. */
const told = (text: string): Look => {
  const body = jsonOf(text);
  const { state, output } = isRecord(body) ? body : {};
  const tail = typeof output === 'string' ? lastBytes(output) : '';
  if (state === 'running') return { kind: 'running', tail };
  if (state === 'succeeded') return { kind: 'ended', as: 'succeeded', tail };
  if (state === 'failed') return { kind: 'ended', as: 'failed', reason: 'it says that it failed', tail };
  return { kind: 'running', tail: `its status cannot be read: ${lastBytes(text, 200)}` };
};

const credentialsOf = (
  run: WebhookRun,
  { secret }: Surroundings,
): Readonly<Record<string, string>> | undefined => {
  if (run.secret === undefined) return {};
  const value = secret(run.secret);
  return value === undefined ? undefined : { authorization: `Bearer ${value}` };
};

const refused = (reason: string): Begun => ({ kind: 'refused', reason });
