import { readFileSync } from 'node:fs';

/**
 * Secrets that deployment steps name in the policy: `github` is `SIGNALBOX_SECRET_GITHUB`, or the content of the file
 * that `SIGNALBOX_SECRET_GITHUB_FILE` names. No other variable of the environment can be reached from a policy. Read at
 * every use, so that a token can be renewed without a restart.
 */
export const stepSecrets =
  (variables: Readonly<Record<string, string | undefined>>) =>
  (name: string): string | undefined => {
    const variable = `SIGNALBOX_SECRET_${name.toUpperCase().replaceAll(/[^A-Z0-9]/g, '_')}`;
    const value = variables[variable] ?? contentOf(variables[`${variable}_FILE`]);
    return value === undefined || value === '' ? undefined : value;
  };

const contentOf = (path: string | undefined): string | undefined => {
  if (path === undefined) return undefined;
  try {
    return readFileSync(path, 'utf8').trim();
  } catch {
    return undefined;
  }
};
