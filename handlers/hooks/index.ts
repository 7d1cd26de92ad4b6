import { evidence } from './evidence.ts';

/** Everything that systems may tell by HTTP. */
export const hooks = [evidence] as const;
