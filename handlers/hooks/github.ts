import { z } from 'zod';
import type { Context } from '../../src/operations/context.ts';
import { recordEvent } from '../../src/operations/record-event.ts';
import { faultsIn } from './alert-words.ts';
import { eventReply } from './event-reply.ts';

const Body = z.looseObject({ action: z.string().max(100).optional() });

/**
 * A webhook of GitHub. The digest of the body names it: a redelivery has the same bytes, while the header that numbers
 * deliveries is not signed.
 */
export const github = {
  path: '/hooks/github',
  scheme: 'github',
  bodyBytes: 4 * 1_024 * 1_024,
  parse: (json: unknown, digest: string, header: (name: string) => string | undefined) => {
    const { data, error } = Body.safeParse(json);
    if (data === undefined) return { ok: false as const, faults: faultsIn(error) };
    const event = header('x-github-event') ?? '';
    if (!/^[a-z_]{1,100}$/.test(event))
      return {
        ok: false as const,
        faults: [{ path: '', message: 'the header X-GitHub-Event does not name an event' }],
      };
    const type = data.action === undefined ? event : `${event}.${data.action}`;
    const act = async (context: Context, receivedAt: Date) =>
      eventReply(await recordEvent(context, { source: 'github', type, id: digest, body: data }, receivedAt));
    return { ok: true as const, value: act };
  },
} as const;
