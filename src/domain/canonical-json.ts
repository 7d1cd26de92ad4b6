/**
 * One text per value: keys sorted by UTF-16 code unit, no white space, an absent key and one that is
 * `undefined` are the same. Used wherever a digest must not depend on how a value was put together.
 *
 * Takes what JSON can say and nothing more. A Map or a Date would be written as `{}` or lose its type without
 * a word, and two different values would share a digest: those throw a TypeError that names the place.
 */
export const canonicalJson = (value: unknown): string => write(value, '$');

const write = (value: unknown, at: string): string => {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return JSON.stringify(value);
  if (typeof value === 'number' && Number.isFinite(value)) return JSON.stringify(value);
  if (Array.isArray(value))
    return `[${Array.from(value, (item, i) => write(item, `${at}[${i}]`)).join(',')}]`;
  if (isPlainObject(value)) {
    const members = Object.entries(value)
      .filter(([, member]) => member !== undefined)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, member]) => `${JSON.stringify(key)}:${write(member, `${at}.${key}`)}`);
    return `{${members.join(',')}}`;
  }
  throw new TypeError(`${at} is not JSON: ${Object.prototype.toString.call(value)}`);
};

const isPlainObject = (value: unknown): value is object => {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
};
