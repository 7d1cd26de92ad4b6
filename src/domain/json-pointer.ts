/** What stands at a JSON Pointer (RFC 6901); undefined where there is nothing. Total. */
export const at = (value: unknown, pointer: string): unknown => {
  if (pointer === '') return value;
  let found: unknown = value;
  for (const token of pointer.slice(1).split('/')) {
    const key = token.replaceAll('~1', '/').replaceAll('~0', '~');
    if (typeof found !== 'object' || found === null) return undefined;
    const own = Object.entries(found).find(([name]) => name === key);
    if (own === undefined) return undefined;
    [, found] = own;
  }
  return found;
};

/** A text, a number or a truth value, as text; undefined for anything else and for what is empty. */
export const textAt = (value: unknown, pointer: string): string | undefined => {
  const found = at(value, pointer);
  const isScalar = typeof found === 'string' || typeof found === 'number' || typeof found === 'boolean';
  return isScalar && String(found).trim() !== '' ? String(found).trim() : undefined;
};

export const isPointer = (text: string): boolean => /^(\/([^~/]|~[01])*)*$/.test(text);
