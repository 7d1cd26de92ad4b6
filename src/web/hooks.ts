import { createHash } from 'node:crypto';
import express, { type Request, type RequestHandler, type Response } from 'express';
import { refusalCard } from '../cards/refusal-card.ts';
import type { Log } from '../log.ts';
import type { Context } from '../operations/context.ts';
import { Refused, Repeated } from '../operations/outcome.ts';
import { runOfToken } from '../operations/record-step-result.ts';
import { type Answer, refusal, send, starting, statusOf, unexpected } from './answers.ts';
import { formOf, hasAlertKey, hasBearer, isGithub, isTwilio, type TwilioProof } from './proofs.ts';
import { type Reading, readJson } from './read-json.ts';
import type { Ready, Revealable } from './ready.ts';
import { verifySignature } from './signature.ts';

/** What a system may tell us by HTTP; `handlers/hooks` has the table, in this shape. */
export interface Hook {
  readonly path: string;
  /**
   * How the sender proves who it is. `signalbox`: the signature of DESIGN §5; `builder`:
   * that, or the same with a builder's own key, whose id `parse` gets. `step-token`: a token of ours in the path,
   * which `parse` gets the run of. `alert-key`: SIGNALBOX_ALERT_KEY as a bearer token, or as the body's `routing_key`.
   * `twilio`: its signature over address and form; `parse` gets the query. `events`: the signature, or
   * SIGNALBOX_EVENT_KEY as a bearer token. `github`: its signature over the body; `parse` gets the body's digest.
   */
  readonly scheme: 'signalbox' | 'builder' | 'step-token' | 'alert-key' | 'twilio' | 'events' | 'github';
  /** Media types besides `application/json`. */
  readonly media?: readonly string[];
  /** How many are dealt with at a time, the others in the order of arrival; default: as many as come. */
  readonly atOnce?: number;
  /** The most that it takes; default: what the server allows. */
  readonly bodyBytes?: number;
  /** Nobody reads the body: it may be of any type, or none. */
  readonly anyBody?: true;
  /**
   * Of a JSON body, or of Twilio's form as a record of texts; never throws. What it returns acts in one transaction, with
   * the request's own time (L3), and may say how it is answered.
   */
  parse(
    body: unknown,
    proof: string,
    header: (name: string) => string | undefined,
    /** Of the path. */
    params: Readonly<Record<string, string>>,
  ): Reading<(context: Context, receivedAt: Date) => Promise<void> | Promise<HookReply>>;
}

export type HookReply =
  | { readonly status: number; readonly body: { readonly status: string; readonly reason?: string } }
  /** TwiML. */
  | { readonly status: 200; readonly xml: string };

export type HookOutcome =
  | 'recorded'
  | 'repeated'
  | 'ignored'
  | 'unauthenticated'
  | 'too-large'
  | 'media-type'
  | 'invalid'
  | 'refused'
  | 'unavailable'
  | 'failed';

export interface HookSurroundings {
  readonly log: Log;
  readonly ready: () => Ready | undefined;
  /** Absent: every request is refused. */
  readonly secret: Revealable | undefined;
  readonly bodyBytes: number;
  readonly alertKey: Revealable | undefined;
  readonly twilio: TwilioProof | undefined;
  /** Of senders of events that cannot sign. */
  readonly eventKey: Revealable | undefined;
  readonly githubSecret: Revealable | undefined;
  readonly count: (hook: string, outcome: HookOutcome) => void;
}

type Dealt = readonly [HookOutcome, Answer | Extract<HookReply, { xml: string }>];

/** The frame around every hook: bytes, signature, JSON, then the handler, and an answer for however it ends. */
export const serveHook = (hook: Hook, around: HookSurroundings): RequestHandler => {
  const { log, ready, secret, bodyBytes, alertKey, twilio, eventKey, githubSecret, count } = around;
  const readBody = express.raw({ type: () => true, limit: hook.bodyBytes ?? bodyBytes, inflate: false });
  const turn = turns(hook.atOnce ?? Number.POSITIVE_INFINITY);
  let warned = false;

  const isSignedWith = (key: string, req: Request, body: Uint8Array, now: Date): boolean =>
    verifySignature({
      secret: key,
      timestamp: req.get('x-signalbox-timestamp'),
      signature: req.get('x-signalbox-signature'),
      body,
      now,
    });
  const isSigned = (req: Request, body: Uint8Array, now: Date): boolean => {
    if (secret !== undefined) return isSignedWith(secret.reveal(), req, body, now);
    if (!warned) log.warn({ hook: hook.path }, 'SIGNALBOX_HOOK_SECRET is not set: hooks are refused');
    warned = true;
    return false;
  };
  /** Whose own key it is signed with, of those that the policy names. */
  const builderOf = (
    { policy, builderSecret }: Context,
    req: Request,
    body: Uint8Array,
    now: Date,
  ): string | undefined =>
    [...policy().builderSecrets].find(([, name]) => {
      const key = builderSecret?.(name);
      return key !== undefined && isSignedWith(key, req, body, now);
    })?.[0];
  const runOf = (req: Request): string | undefined =>
    secret === undefined ? undefined : runOfToken(secret.reveal(), String(req.params['token']));
  /** What the proof speaks of, `''` when of nothing; undefined when the sender proves nothing. */
  const proven = (req: Request, body: Uint8Array, now: Date, context: Context): string | undefined => {
    switch (hook.scheme) {
      case 'signalbox':
        return isSigned(req, body, now) ? '' : undefined;
      case 'builder':
        return builderOf(context, req, body, now) ?? (isSigned(req, body, now) ? '' : undefined);
      case 'step-token':
        return runOf(req);
      case 'alert-key':
        return hasAlertKey(alertKey, req.get('authorization'), body) ? '' : undefined;
      case 'twilio':
        return twilio !== undefined && isTwilio(twilio, req, body)
          ? (req.originalUrl.split('?')[1] ?? '')
          : undefined;
      case 'events':
        return hasBearer(eventKey, req.get('authorization')) || isSigned(req, body, now) ? '' : undefined;
      case 'github':
        return isGithub(githubSecret, req.get('x-hub-signature-256'), body)
          ? createHash('sha256').update(body).digest('hex')
          : undefined;
    }
  };
  const read = (body: Buffer): Reading<unknown> =>
    hook.anyBody === true
      ? { ok: true, value: undefined }
      : hook.scheme === 'twilio'
        ? { ok: true, value: formOf(body) }
        : readJson(body);

  const deal = async (req: Request, res: Response, context: Context, receivedAt: Date): Promise<Dealt> => {
    const body = await bytesOf(readBody, req, res);
    if (!Buffer.isBuffer(body)) return body;
    const proof = proven(req, body, receivedAt, context);
    if (proof === undefined) return unauthenticated;
    if (
      hook.anyBody !== true &&
      hook.scheme !== 'twilio' &&
      !isJson(req.get('content-type') ?? '', hook.media)
    )
      return notJson;
    const json = read(body);
    const parsed = json.ok ? hook.parse(json.value, proof, (name) => req.get(name), paramsOf(req)) : json;
    if (!parsed.ok)
      return ['invalid', refusal(400, 'invalid', 'The body is faulty.', { faults: parsed.faults })];
    try {
      const reply = await turn(async () => parsed.value(context, receivedAt));
      const answer = reply ?? ({ status: 200, body: { status: 'recorded' } } as const);
      return [outcomeOf(answer), answer];
    } catch (error) {
      if (error instanceof Repeated) return ['repeated', { status: 200, body: { status: 'repeated' } }];
      if (error instanceof Refused) {
        const { code, facts } = error.refusal;
        const { summary } = refusalCard(error.refusal, context.policy());
        return ['refused', refusal(400, code, summary, { facts })];
      }
      throw error;
    }
  };

  return async (req, res) => {
    const context = ready()?.context;
    if (context === undefined) return send(res, starting);
    // L3: entered before the body is read, so that no cutoff closes over a request that is on its way.
    const receivedAt = context.clock.now();
    const leave = context.arrivals.enter(receivedAt);
    try {
      const [outcome, answer] = await deal(req, res, context, receivedAt);
      count(hook.path, outcome);
      if ('xml' in answer) res.status(answer.status).type('text/xml').send(answer.xml);
      else send(res, answer);
    } catch (error) {
      const answer = await unexpected(error, context, log, { hook: hook.path });
      count(hook.path, answer.status === 503 ? 'unavailable' : 'failed');
      send(res, answer);
    } finally {
      leave();
    }
  };
};

/** Of the path; a name that repeats has none here. */
const paramsOf = (req: Request): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Object.entries(req.params).filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
  );

/** A storm waits for itself, and leaves connections of the database to what it is to lead to. */
const turns = (most: number): (<T>(work: () => Promise<T>) => Promise<T>) => {
  const waiting: (() => void)[] = [];
  let busy = 0;
  return async (work) => {
    if (busy >= most) await new Promise<void>((resolve) => waiting.push(resolve));
    else busy += 1;
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      if (next === undefined) busy -= 1;
      else next();
    }
  };
};

/** Which of secret, signature or time is wrong is nobody's business. */
const unauthenticated: Dealt = [
  'unauthenticated',
  refusal(
    401,
    'unauthenticated',
    'The request is not signed as it must be.',
    {},
    {
      'WWW-Authenticate': 'X-Signalbox-Signature',
    },
  ),
];

const notJson: Dealt = [
  'media-type',
  refusal(415, 'media-type', 'The body must be application/json in UTF-8.'),
];

const isJson = (contentType: string, media: readonly string[] = []): boolean => {
  const [type = '', parameters = ''] = contentType
    .trim()
    .toLowerCase()
    .split(/\s*(;.*)$/s);
  return (
    ['application/json', ...media].includes(type) && /^(;\s*charset\s*=\s*"?utf-8"?\s*)?;?$/.test(parameters)
  );
};

/** What the handler says became of it, where it says so. */
const outcomeOf = (reply: HookReply): HookOutcome => {
  const said = 'body' in reply ? reply.body.status : 'recorded';
  return said === 'repeated' || said === 'ignored' ? said : 'recorded';
};

/** The raw bytes, or why there are none. A body that is too large is read to its end, so that the sender hears of it. */
const bytesOf = (read: RequestHandler, req: Request, res: Response): Promise<Buffer | Dealt> =>
  new Promise((resolve, reject) => {
    void read(req, res, (error?: unknown) => {
      if (error === undefined) return resolve(Buffer.isBuffer(req.body) ? req.body : Buffer.alloc(0));
      const status = statusOf(error);
      if (status === 413)
        return resolve(['too-large', refusal(413, 'too-large', 'The body is larger than this hook takes.')]);
      if (status === 415)
        return resolve(['media-type', refusal(415, 'media-type', 'The body must not be compressed.')]);
      if (status !== undefined)
        return resolve(['invalid', refusal(400, 'invalid', 'The body did not arrive whole.')]);
      reject(error);
    });
  });
