import { randomUUID } from 'node:crypto';
import type { Response } from 'express';
import type { Log } from '../log.ts';
import type { Context } from '../operations/context.ts';
import { databaseTrouble } from '../operations/outcome.ts';

/** Whatever is not well says so by a stable code and a sentence; nobody needs to read the sentence by program. */
export interface Answer {
  readonly status: number;
  readonly body:
    | { readonly code: string; readonly message: string }
    | { readonly status: string; readonly reason?: string };
  readonly headers?: Readonly<Record<string, string>>;
}

export const refusal = (
  status: number,
  code: string,
  message: string,
  more: object = {},
  headers: Readonly<Record<string, string>> = {},
): Answer => ({ status, body: { code, message, ...more }, headers });

/** Nothing was acknowledged: the sender is asked to try again. */
export const unavailable = (message: string): Answer =>
  refusal(503, 'unavailable', message, {}, { 'Retry-After': '5' });

export const starting = unavailable('Signalbox is starting: it waits for its database.');

/** A fault of ours: the log has it under the reference, the outside sees nothing else. */
export const unexpected = async (
  error: unknown,
  context: Context | undefined,
  log: Log,
  facts: object,
): Promise<Answer> => {
  if (context !== undefined && (await databaseTrouble(context, error)) !== undefined) {
    log.warn({ ...facts, err: error }, 'a request was not dealt with: the database does not answer');
    return unavailable(
      'The database does not answer. Nothing was recorded, or it can be repeated harmlessly.',
    );
  }
  const reference = randomUUID().slice(0, 8);
  log.error({ ...facts, err: error, reference }, 'a request failed');
  return refusal(500, 'internal', `Something went wrong here; the log has it as ${reference}.`, {
    reference,
  });
};

/** Whoever has gone away is not answered; that is no error. */
export const send = (res: Response, { status, body, headers = {} }: Answer): void => {
  if (res.headersSent || res.destroyed) return void res.destroy();
  res.status(status).set(headers).json(body);
};

/** Of an error that blames the request, as Express and its parsers throw them: 400 to 499. */
export const statusOf = (error: unknown): number | undefined =>
  error instanceof Error &&
  'status' in error &&
  typeof error.status === 'number' &&
  error.status >= 400 &&
  error.status < 500
    ? error.status
    : undefined;
