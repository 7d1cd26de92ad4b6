import { type ProtocolServer, protocolServer } from './protocol-server.ts';

/** Written from Argo CD's description of its API: one application, `shop`. */
export interface ArgocdServer extends ProtocolServer {
  /** Of the newest sync. */
  phase: 'none' | 'waiting' | 'Running' | 'Succeeded' | 'Failed' | 'Error';
  health: string;
  /** What the newest sync carries. */
  info: readonly { readonly name: string; readonly value: string }[];
  mode: 'good' | 'lost' | 'deleted';
}

export const argocdServer = async (token: string): Promise<ArgocdServer> => {
  const state: Omit<ArgocdServer, keyof ProtocolServer> = {
    phase: 'none',
    health: 'Healthy',
    info: [],
    mode: 'good',
  };
  const server = await protocolServer(({ method, path, headers, body }) => {
    if (headers.authorization !== `Bearer ${token}`) return { status: 401, body: { message: 'no session' } };
    if (!path.startsWith('/api/v1/applications/shop') || state.mode === 'deleted')
      return { status: 404, body: { message: 'application not found' } };
    const operation = { sync: { revision: 'HEAD' }, info: state.info };
    if (method === 'POST' && path.endsWith('/sync')) {
      state.info = JSON.parse(body).infos;
      state.phase = 'waiting';
      return state.mode === 'lost' ? 'drop' : { status: 200, body: { operation: { info: state.info } } };
    }
    if (method === 'DELETE' && path.endsWith('/operation')) {
      if (state.phase !== 'Running') return { status: 400, body: { message: 'No operation is in progress' } };
      state.phase = 'Failed';
      return { status: 200, body: {} };
    }
    return {
      status: 200,
      body: {
        ...(state.phase === 'waiting' ? { operation } : {}),
        status: {
          health: { status: state.health },
          ...(state.phase === 'none' || state.phase === 'waiting'
            ? {}
            : { operationState: { phase: state.phase, message: `it is ${state.phase}`, operation } }),
        },
      },
    };
  });
  return Object.assign(state, server);
};
