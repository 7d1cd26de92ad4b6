/** A process that starts the embedded database in the folder it is given, says so, and stays. */
import { silentLog } from '../../src/log.ts';
import { startEmbedded } from '../../src/store/embedded.ts';

const [, , folder = ''] = process.argv;
try {
  const { url, pid } = await startEmbedded(folder, { log: silentLog });
  process.stdout.write(`${JSON.stringify({ url, pid: pid() })}\n`);
  setInterval(() => {}, 60_000);
} catch (error) {
  const code = error instanceof Error && 'code' in error ? error.code : String(error);
  process.stdout.write(`${JSON.stringify({ refused: code })}\n`);
}
