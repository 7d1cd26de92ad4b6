import type { Context } from '../../src/operations/context.ts';
import { receiveHeartbeat } from '../../src/operations/heartbeats.ts';

/** A job says that it lives: with the alert key as bearer token, and whatever body. */
export const heartbeat = {
  path: '/hooks/heartbeat/:name',
  scheme: 'alert-key',
  anyBody: true,
  parse: (_body: unknown, _proof: string, _header: unknown, params: Readonly<Record<string, string>>) => ({
    ok: true as const,
    value: (context: Context, receivedAt: Date): Promise<void> =>
      receiveHeartbeat(context, { actor: 'system:heartbeat', at: receivedAt }, params['name'] ?? ''),
  }),
} as const;
