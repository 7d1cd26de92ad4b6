import { open, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';

export const omissionMark = '[… earlier output is not shown]\n';

/** In the order of writing. Between the first two, output may have been dropped. */
const files = ['output', 'older', 'recent'] as const;

/**
 * The last `limit` bytes of a run's output as text that can be stored and shown: no colours, no control
 * characters, nothing but valid UTF-8. Begins with `omissionMark` unless it is all of the output.
 */
export const outputTail = async (directory: string, limit: number): Promise<string> => {
  let tail = Buffer.alloc(0);
  let omitted = false;
  for (const file of [...files].reverse()) {
    const room = limit - tail.length;
    const { bytes, size } = await endOf(join(directory, file), room);
    omitted ||= size > bytes.length;
    tail = Buffer.concat([bytes, tail]);
    // `output` and `older` do not join up.
    if (file === 'older' && size > 0) {
      omitted = true;
      break;
    }
  }
  return (omitted ? omissionMark : '') + printable(omitted ? fromCharacterStart(tail) : tail);
};

/** Between the first bytes and the last ones of more output than is kept. */
export const gapMark = '\n[… output in between is not kept]\n';

/**
 * All that is kept of a run's output, as `outputTail` shows it: everything, or the first megabyte and at least the last
 * one. Undefined when there is no such run.
 */
export const wholeOutput = async (directory: string): Promise<string | undefined> => {
  const parts = await Promise.all(
    files.map((file) => readFile(join(directory, file)).catch(() => undefined)),
  );
  const [output, older, recent] = parts;
  if (output === undefined) return (await stat(directory).catch(() => undefined)) && '';
  const rest = Buffer.concat([older, recent].filter((part) => part !== undefined));
  // `output` and `recent` join up; with `older` there may have been more.
  if (older === undefined) return printable(Buffer.concat([output, rest]));
  return printable(output) + gapMark + printable(fromCharacterStart(rest));
};

const endOf = async (path: string, limit: number): Promise<{ bytes: Buffer; size: number }> => {
  try {
    const file = await open(path, 'r');
    try {
      const { size } = await file.stat();
      const length = Math.min(size, limit);
      const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, size - length);
      return { bytes: buffer.subarray(0, bytesRead), size };
    } finally {
      await file.close();
    }
  } catch {
    return { bytes: Buffer.alloc(0), size: 0 };
  }
};

/** Drops what is left of a UTF-8 character that the cut went through: at most three continuation bytes. */
const fromCharacterStart = (bytes: Buffer): Buffer => {
  let start = 0;
  while (start < 3 && ((bytes[start] ?? 0) & 0xc0) === 0x80) start++;
  return bytes.subarray(start);
};

const printable = (bytes: Buffer): string =>
  stripVTControlCharacters(bytes.toString('utf8'))
    .replaceAll('\r\n', '\n')
    // Tab, newline and carriage return stay; a NUL could not be stored in PostgreSQL.
    .replaceAll(/[^\P{Cc}\t\n\r]/gu, '\uFFFD');
