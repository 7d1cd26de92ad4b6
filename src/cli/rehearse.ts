import { type RehearsalOptions, rehearse } from '../rehearsal/rehearse.ts';
import { FaultyScenario } from '../rehearsal/scenario.ts';

/** `signalbox rehearse`. Resolves to the exit code: 1 when a law was broken or less was shown than promised. */
export const rehearseCommand = async (options: RehearsalOptions): Promise<number> => {
  const stop = new AbortController();
  const interrupt = (): void => stop.abort();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, interrupt);
  try {
    return await rehearse(options, (text) => void process.stdout.write(text), stop.signal);
  } catch (error) {
    if (stop.signal.aborted) {
      process.stderr.write('The rehearsal was interrupted; nothing of it is left.\n');
      return 1;
    }
    if (!(error instanceof FaultyScenario)) throw error;
    process.stderr.write(`${error.message}\n`);
    return 1;
  } finally {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.off(signal, interrupt);
  }
};
