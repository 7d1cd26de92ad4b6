/**
 * What stands in the name of a package: a package URL (`pkg:oci/checkout@sha256%3A…?tag=2.4.1`, purl-spec) or the
 * reference of an image (`ghcr.io/shop/checkout:2.4.1@sha256:…`). Each is undefined where the name does not tell.
 */
export const digestIn = (text: string): string | undefined =>
  /sha256:[0-9a-f]{64}(?![0-9a-f])/.exec(decoded(text).toLowerCase())?.[0];

export const versionIn = (text: string): string | undefined => {
  const { version, tag } = partsOf(text);
  return [version, tag].find((part) => part !== undefined && part !== '' && digestIn(part) === undefined);
};

export const nameIn = (text: string): string | undefined => partsOf(text).name || undefined;

const partsOf = (text: string) => {
  const [path = '', query = ''] = text.replace(/#.*$/s, '').split(/\?(.*)/s);
  const isPurl = path.startsWith('pkg:');
  const [front = '', version] = path.split(/@(?=[^@]*$)/);
  const last = front.split('/').at(-1) ?? '';
  const [name = '', tag] = isPurl ? [last] : last.split(':');
  return {
    name: decoded(name),
    version: version === undefined ? undefined : decoded(version),
    tag: new URLSearchParams(query).get('tag') ?? tag,
  };
};

const decoded = (text: string): string => {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
};
