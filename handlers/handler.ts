import type { Form } from '../src/chat/form.ts';
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

/** For platforms that can show forms; the others take words. What is filled in comes as flags by the fields' names. */
export interface HandlerForm {
  /** Whether the form is shown instead of acting: decided from the words alone. */
  wanted(request: Request): boolean;
  /** Filled from the present state; may refuse. */
  open(call: Call): Promise<Form>;
  /** Which field a refusal is about, by the refusal's code. */
  readonly faults?: Readonly<Record<string, string>>;
}

/** One chat verb: at most one operation, then the present state of what it acted on. A repeat gets the latter alone. */
export interface Handler extends CommandSpec {
  act?(call: Call): Promise<unknown>;
  show(call: Call): Promise<Reply>;
  readonly form?: HandlerForm;
}
