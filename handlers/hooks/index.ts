import { evidence } from './evidence.ts';
import { stepResult } from './step-result.ts';

/** Everything that systems may tell by HTTP. */
export const hooks = [evidence, stepResult] as const;
