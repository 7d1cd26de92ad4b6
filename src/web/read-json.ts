/** Where in the body (`details.builder`, empty for the whole), and what is wrong there. */
export interface BodyFault {
  readonly path: string;
  readonly message: string;
}

export type Reading<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly faults: readonly BodyFault[] };

/** Deeper values overflow the stack of whoever walks them, JSON.stringify and PostgreSQL too. */
const deepest = 32;
/** Nobody reads more of them. */
const mostFaults = 20;

/**
 * JSON that can be stored: UTF-8, not too deep, and without the text that PostgreSQL refuses (a NUL; half a
 * surrogate pair). Never throws.
 */
export const readJson = (body: Uint8Array): Reading<unknown> => {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body));
  } catch {
    return { ok: false, faults: [{ path: '', message: 'is not JSON in UTF-8' }] };
  }
  const faults = faultsOf(value);
  return faults.length === 0 ? { ok: true, value } : { ok: false, faults };
};

const faultsOf = (root: unknown): readonly BodyFault[] => {
  const faults: BodyFault[] = [];
  const open: { readonly value: unknown; readonly path: string; readonly depth: number }[] = [
    { value: root, path: '', depth: 0 },
  ];
  for (let next = open.pop(); next !== undefined && faults.length < mostFaults; next = open.pop()) {
    const { value, path, depth } = next;
    if (typeof value === 'string' && isUnstorable(value))
      faults.push({ path, message: 'has a character that cannot be stored (NUL or half a surrogate pair)' });
    if (typeof value !== 'object' || value === null) continue;
    if (depth === deepest) {
      faults.push({ path, message: `is nested deeper than ${deepest} levels` });
      continue;
    }
    for (const [key, inner] of Object.entries(value)) {
      if (isUnstorable(key))
        faults.push({ path, message: 'has a name with a character that cannot be stored' });
      else open.push({ value: inner, path: path === '' ? key : `${path}.${key}`, depth: depth + 1 });
    }
  }
  return faults;
};

const isUnstorable = (text: string): boolean => text.includes('\0') || /\p{Surrogate}/u.test(text);
