import type { Document, YAMLMap } from 'yaml';
import {
  isAlias,
  isMap,
  isNode,
  isPair,
  isScalar,
  isSeq,
  Lexer,
  LineCounter,
  Parser,
  parseDocument,
  visit,
} from 'yaml';
import type { Path } from './fault.ts';

export interface Place {
  readonly line: number;
  readonly column: number;
}

/** A YAML 1.2 (or JSON) file: its plain value and where in the text each part of it stands. */
export interface YamlFile {
  readonly value: unknown;
  /** The nearest existing place to a path: a missing key is where its mapping is introduced. */
  locate(path: Path, at: 'key' | 'value'): Place;
}

export interface YamlFault extends Place {
  readonly severity: 'error' | 'warning';
  /** Empty for a fault of syntax. */
  readonly path: Path;
  readonly message: string;
}

/** `file` is absent when the text has no value that is worth looking at. */
export interface YamlReading {
  readonly file?: YamlFile;
  readonly faults: readonly YamlFault[];
}

/** 4 MiB of text; a policy of 15,000 services has about 2. */
const maxLength = 4 * 1024 * 1024;
/** The policy needs 8. Unbounded nesting kills the process in the composer, which is recursive. */
const maxDepth = 64;
/** Uses of an alias, multiplied through nested aliases. */
const maxAliases = 10_000;

/** Never throws. Reports every syntax error and duplicate key. */
export const readYaml = (text: string): YamlReading => {
  if (text.length > maxLength)
    return { faults: [fault({ line: 1, column: 1 }, `larger than ${maxLength} characters`)] };
  const lines = new LineCounter();
  const tooDeep = firstTooDeep(text);
  if (tooDeep !== undefined) return { faults: [fault(tooDeep, `nested more than ${maxDepth} levels deep`)] };

  const document = parseDocument(text, {
    lineCounter: lines,
    version: '1.2',
    prettyErrors: false,
    uniqueKeys: false,
    logLevel: 'error',
  });
  const place = (offset: number): Place => placeOf(lines, offset);
  const faults: YamlFault[] = [
    ...document.errors.map((error) => fault(place(error.pos[0]), error.message)),
    ...document.warnings.map((warning) => ({
      ...fault(place(warning.pos[0]), warning.message),
      severity: 'warning' as const,
    })),
  ];
  // After a syntax error the rest is guesswork, and faults found in it would mislead.
  if (document.errors.length > 0) return { faults };
  faults.push(...keyFaults(document, place));
  try {
    const value: unknown = document.toJS({ maxAliasCount: maxAliases });
    return { file: { value, locate: locator(document, place) }, faults };
  } catch (error) {
    // toJS reports an unknown alias and an exponential one by throwing a ReferenceError.
    if (!(error instanceof ReferenceError)) throw error;
    return { faults: [...faults, fault(aliasPlace(document, place), error.message)] };
  }
};

const fault = (place: Place, message: string, path: Path = []): YamlFault => ({
  severity: 'error',
  ...place,
  path,
  message: message.charAt(0).toLowerCase() + message.slice(1),
});

const placeOf = (lines: LineCounter, offset: number): Place => {
  const { line, col } = lines.linePos(offset);
  return line === 0 ? { line: 1, column: Math.max(1, col) } : { line, column: col };
};

/** The parser keeps its own stack, so it can be asked how deep the text goes before anything recurses. */
const firstTooDeep = (text: string): Place | undefined => {
  const lines = new LineCounter();
  const parser = new Parser(lines.addNewLine);
  for (const lexeme of new Lexer().lex(text)) {
    // The tokens are of no interest, but asking for them makes the parser go on.
    for (const _ of parser.next(lexeme));
    if (parser.stack.length > maxDepth) return placeOf(lines, Math.max(0, parser.offset - 1));
  }
  return undefined;
};

/** Keys that cannot be told apart or cannot be names: duplicates, collections, nothing, `__proto__`. */
const keyFaults = (document: Document, place: (offset: number) => Place): readonly YamlFault[] => {
  const faults: YamlFault[] = [];
  visit(document, {
    Map: (_, map, ancestors) => {
      const path = pathTo([...ancestors, map]);
      const seen = new Map<string, number>();
      for (const { key } of map.items) {
        const at = startOf(key) ?? startOf(map) ?? 0;
        const name: unknown = isScalar(key) ? key.value : undefined;
        if (typeof name !== 'string' || name === '__proto__') {
          const advice = 'a key must be a name; put it in quotes if it looks like something else';
          faults.push(fault(place(at), advice, path));
          continue;
        }
        const first = seen.get(name);
        if (first === undefined) seen.set(name, at);
        else {
          const message = `the key is here twice; first on line ${place(first).line}`;
          faults.push(fault(place(at), message, [...path, name]));
        }
      }
    },
  });
  return faults;
};

const pathTo = (nodes: readonly unknown[]): Path =>
  nodes.flatMap((node, i): Path => {
    const parent = nodes[i - 1];
    if (isPair(node)) return [isScalar(node.key) ? String(node.key.value) : ''];
    return isSeq(parent) ? [parent.items.indexOf(node)] : [];
  });

const locator = (document: Document, place: (offset: number) => Place): YamlFile['locate'] => {
  const indexes = new WeakMap<YAMLMap, ReadonlyMap<string, YAMLMap['items'][number]>>();
  const pairOf = (map: YAMLMap, name: string) => {
    let index = indexes.get(map);
    if (index === undefined) {
      index = new Map(map.items.map((pair) => [isScalar(pair.key) ? String(pair.key.value) : '', pair]));
      indexes.set(map, index);
    }
    return index.get(name);
  };
  const target = (node: unknown): unknown => (isAlias(node) ? node.resolve(document) : node);

  return (path, at) => {
    let node: unknown = document.contents;
    let key: unknown;
    for (const step of path) {
      const container = target(node);
      if (isMap(container)) {
        const pair = pairOf(container, String(step));
        if (pair === undefined) return place(startOf(key) ?? startOf(node) ?? 0);
        [node, key] = [pair.value, pair.key];
      } else if (isSeq(container)) {
        const item = container.items[Number(step)];
        if (item === undefined) return place(startOf(key) ?? startOf(node) ?? 0);
        [node, key] = [item, item];
      } else return place(startOf(node) ?? startOf(key) ?? 0);
    }
    return place((at === 'key' ? startOf(key) : undefined) ?? startOf(node) ?? startOf(key) ?? 0);
  };
};

const aliasPlace = (document: Document, place: (offset: number) => Place): Place => {
  let offset = 0;
  visit(document, {
    Alias: (_, alias) => {
      if (alias.resolve(document) !== undefined) return undefined;
      offset = startOf(alias) ?? 0;
      return visit.BREAK;
    },
  });
  return place(offset);
};

/** Undefined for a value that is not written, as in `key:`; its key is the better place. */
const startOf = (node: unknown): number | undefined =>
  isNode(node) && node.range && node.range[0] < node.range[1] ? node.range[0] : undefined;
