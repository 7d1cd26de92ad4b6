/**
 * Lets Node 20 run this project's TypeScript from source, for tests and benches that need a process of their own:
 * `node --import ./test/support/typescript.mjs file.ts`. Types are removed, nothing is checked.
 */
import { readFile } from 'node:fs/promises';
import { register } from 'node:module';
import { fileURLToPath } from 'node:url';
import { isMainThread } from 'node:worker_threads';

// Node loads this file a second time, in the thread that runs `load`.
if (isMainThread) {
  register(import.meta.url);
}

export const load = async (url, context, next) => {
  if (!url.startsWith('file:') || !url.endsWith('.ts')) {
    return next(url, context);
  }
  const { transformWithOxc } = await import('vite');
  const path = fileURLToPath(url);
  const { code } = await transformWithOxc(await readFile(path, 'utf8'), path, { lang: 'ts' });
  return { format: 'module', shortCircuit: true, source: code };
};
