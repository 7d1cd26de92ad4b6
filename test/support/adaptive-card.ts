import { AdaptiveCard, SerializationContext, Versions } from 'adaptivecards';

/**
 * What Microsoft's own implementation of Adaptive Cards 1.5 finds fault with: unknown types and values, properties that
 * are missing, of a later version, or not its own. Teams' `msteams` is left out.
 */
export const cardFaults = (card: object): readonly string[] => {
  const json: unknown = JSON.parse(
    JSON.stringify(card, (key, value) => (key === 'msteams' ? undefined : value)),
  );
  const context = new SerializationContext(Versions.v1_5);
  const parsed = new AdaptiveCard();
  parsed.parse(json, context);
  const events = Array.from({ length: context.eventCount }, (_, i) => context.getEventAt(i).message);
  return [...events, ...lost(json, parsed.toJSON(new SerializationContext(Versions.v1_5)), 'card')];
};

/** The parser drops what it does not know, and what is a default. */
const defaults = new Set([
  'fallback',
  '$schema',
  'body.style',
  'wrap',
  'style',
  'isRequired',
  'isMultiline',
  'spacing',
  'color',
]);

const lost = (before: unknown, after: unknown, path: string): readonly string[] => {
  if (Array.isArray(before))
    return before.flatMap((item, i) =>
      lost(item, Array.isArray(after) ? after[i] : undefined, `${path}[${i}]`),
    );
  if (typeof before !== 'object' || before === null || /\.(data|fallback)$/.test(path)) return [];
  if (typeof after !== 'object' || after === null) return [`${path}: not understood`];
  const kept = new Map<string, unknown>(Object.entries(after));
  return Object.entries(before).flatMap(([key, value]) =>
    kept.has(key) || defaults.has(key) || value === ''
      ? lost(value, kept.get(key) ?? value, `${path}.${key}`)
      : [`${path}.${key}: not understood`],
  );
};
