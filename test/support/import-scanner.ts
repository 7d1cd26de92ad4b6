import { readdirSync, readFileSync } from 'node:fs';
import { join, posix } from 'node:path';

/** A source file as the import rule sees it. */
export interface SourceFile {
  /** From the project's root, with forward slashes: `src/domain/train.ts`. */
  readonly path: string;
  /** Paths as above for relative imports, names for packages (`node:fs`, `@slack/bolt`). Types count too. */
  readonly imports: readonly string[];
  /** Without comments and quoted text. */
  readonly code: string;
}

/** What is not code: comments, quoted text, templates, and regular expressions where an operand may stand. */
const literals =
  /\/\/[^\n]*|\/\*[\s\S]*?\*\/|'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*"|`(?:[^`\\]|\\[\s\S])*`|(?<=[=(,:[!&|?{};>]\s*|\breturn\s+)\/(?![*/])(?:[^/\\\n[]|\\.|\[(?:[^\]\\\n]|\\.)*\])+\/[a-z]*/g;

const statements = /\b(?:from|import)\s*"(\d+)"|\b(?:import|require)\s*\(\s*"(\d+)"/g;

/** Reads import and export statements, dynamic imports included; `path` is the file's own. */
export const scan = (path: string, text: string): SourceFile => {
  const quoted: string[] = [];
  const code = text.replace(literals, (literal) => {
    switch (literal[0]) {
      case "'":
      case '"':
        // Quotes become numbers, so that nothing quoted can look like a statement.
        return `"${quoted.push(literal.slice(1, -1)) - 1}"`;
      case '`':
        // Kept for the code in its placeholders.
        return literal;
      default:
        return ' ';
    }
  });
  const imports = [...code.matchAll(statements)].flatMap(([, direct, called]) => {
    const specifier = quoted[Number(direct ?? called)] ?? '';
    return [specifier.startsWith('.') ? posix.join(posix.dirname(path), specifier) : specifier];
  });
  return { path, imports, code };
};

/** Every TypeScript file of the rooms that ship. */
export const sourceFiles = (root: string): readonly SourceFile[] =>
  ['src', 'handlers', 'jobs'].flatMap((room) =>
    readdirSync(join(root, room), { recursive: true, encoding: 'utf8' })
      .map((name) => posix.join(room, name.replaceAll('\\', '/')))
      .filter((path) => /\.tsx?$/.test(path))
      .sort()
      .map((path) => scan(path, readFileSync(join(root, path), 'utf8'))),
  );

/** Ways round: each file imports the next one, and the last one the first. At least one of every knot. */
export const cyclesOf = (files: readonly SourceFile[]): readonly (readonly string[])[] => {
  const imports = new Map(files.map((file) => [file.path, file.imports]));
  const finished = new Set<string>();
  const cycles: (readonly string[])[] = [];
  const visit = (path: string, trail: readonly string[]): void => {
    const begun = trail.indexOf(path);
    if (begun >= 0) {
      cycles.push(trail.slice(begun));
      return;
    }
    if (finished.has(path)) {
      return;
    }
    for (const next of imports.get(path) ?? []) {
      visit(next, [...trail, path]);
    }
    finished.add(path);
  };
  for (const { path } of files) {
    visit(path, []);
  }
  return cycles;
};
