import type { z } from 'zod';

/** What monitoring systems call it; what none of them calls so is an error. */
const severities = {
  critical: 'critical',
  page: 'critical',
  fatal: 'critical',
  emergency: 'critical',
  error: 'error',
  major: 'error',
  high: 'error',
  warning: 'warning',
  warn: 'warning',
  minor: 'warning',
  info: 'info',
  notice: 'info',
  none: 'info',
} as const;

export const severityOf = (word: string | undefined): (typeof severities)[keyof typeof severities] =>
  Object.entries(severities).find(([name]) => name === word?.toLowerCase())?.[1] ?? 'error';

export const shortened = (text: string, most: number): string =>
  text.length > most ? `${text.slice(0, most - 1)}…` : text;

/** The first ones, in the order of the body. */
export const faultsIn = ({ issues }: z.ZodError) =>
  issues.slice(0, 20).map(({ path, message }) => ({ path: path.map(String).join('.'), message }));
