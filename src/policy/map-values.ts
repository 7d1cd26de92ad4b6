export const mapValues = <V, W>(record: Readonly<Record<string, V>>, change: (value: V, key: string) => W) =>
  new Map<string, W>(Object.entries(record).map(([key, value]) => [key, change(value, key)]));
