import type { CommandSpec } from '../src/chat/parse.ts';
import type { Reply } from '../src/chat/reply.ts';
import type { Request } from '../src/chat/request.ts';
import type { Context } from '../src/operations/context.ts';
import type { Cause } from '../src/operations/outcome.ts';

/** A request of somebody the policy knows. */
export interface Call {
  readonly context: Context;
  readonly request: Request;
  /** Their id in the policy. */
  readonly person: string;
  /** What an operation acts by: the person, the arrival (L3) and the request's id (L8). */
  readonly cause: Cause;
}

/** One chat verb: at most one operation, then the present state of what it acted on. A repeat gets the latter alone. */
export interface Handler extends CommandSpec {
  act?(call: Call): Promise<unknown>;
  show(call: Call): Promise<Reply>;
}
