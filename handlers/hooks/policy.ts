import { z } from 'zod';
import { proposePolicy } from '../../src/operations/adopt-policy.ts';
import type { Context } from '../../src/operations/context.ts';
import { faultsOf } from './faults.ts';

const Body = z.strictObject({
  /** Chosen by the sender, such as the pull request and its commit; the same id again has no second effect (L8). */
  id: z.string().min(1).max(200),
  /** The whole file, as it would be. */
  policy: z.string().min(1).max(1_000_000),
  /** Who proposes it: a person's id of the policy, or an e-mail address. */
  author: z.string().min(1).max(200).exactOptional(),
  /** Where it can be read, such as the pull request. */
  url: z
    .url({ protocol: /^https?$/, error: 'must be an http or https URL' })
    .max(2_000)
    .exactOptional(),
});

/** A policy that is not in force yet, from whoever checks it before it is merged. */
export const policy = {
  path: '/hooks/policy',
  scheme: 'signalbox',
  parse: (json: unknown) => {
    const { data, error } = Body.safeParse(json);
    if (data === undefined) return { ok: false as const, faults: faultsOf(error) };
    const { id, policy: text, ...more } = data;
    const act = (context: Context, receivedAt: Date): Promise<void> =>
      proposePolicy(
        context,
        { actor: 'system:hook', at: receivedAt, request: `hook:${id}` },
        { text, ...more },
      );
    return { ok: true as const, value: act };
  },
} as const;
