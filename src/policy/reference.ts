import { sectionExamples } from './reference-examples.ts';
import { type JsonSchema, policyJsonSchema } from './schema.ts';

/** `docs/policy.md`: every key of the policy file with its form, meaning and default. Markdown. */
export const policyReference = (): string => {
  const schema = policyJsonSchema();
  const sections = Object.entries(schema.properties ?? {}).flatMap(([name, section]) =>
    typeof section === 'object' ? [sectionText(name, section, isRequired(schema, name))] : [],
  );
  return `${[introduction, ...sections].join('\n\n')}\n`;
};

const sectionText = (name: string, section: JsonSchema, required: boolean): string => {
  const rows = rowsOf(section, name);
  const parts = [
    `## ${code(name)}`,
    `${required ? '**Required.** ' : ''}${section.description ?? ''}`,
    rows.length === 0 ? `Form: ${formOf(section)}.` : table(rows),
    fenced(sectionExamples[name] ?? ''),
  ];
  return parts.join('\n\n');
};

interface Row {
  readonly key: string;
  readonly form: string;
  readonly meaning: string;
}

/** The keys below a section, outermost first. */
const rowsOf = (schema: JsonSchema, at: string): readonly Row[] => {
  const { items, properties = {}, additionalProperties: entry, propertyNames: names } = schema;
  if (typeof entry === 'object') {
    const entryName = typeof names === 'object' ? (names.title?.replace('name of a ', '') ?? 'name') : 'name';
    return entryRows(entry, `${at}.<${entryName}>`);
  }
  if (typeof items === 'object' && !Array.isArray(items)) return entryRows(items, `${at}[]`);
  return Object.entries(properties).flatMap(([key, value]) => {
    if (typeof value !== 'object') return [];
    const meaning = `${isRequired(schema, key) ? '**Required.** ' : ''}${value.description ?? ''}`;
    const below = value.title === undefined ? rowsOf(value, `${at}.${key}`) : [];
    return [{ key: `${at}.${key}`, form: formOf(value), meaning }, ...below];
  });
};

/** An entry gets a row of its own if there is something to say that its name does not. */
const entryRows = (entry: JsonSchema, at: string): readonly Row[] => [
  ...(entry.description === undefined || entry.title !== undefined
    ? []
    : [{ key: at, form: formOf(entry), meaning: entry.description }]),
  ...rowsOf(entry, at),
];

const formOf = (schema: JsonSchema | boolean): string => {
  if (typeof schema !== 'object') return 'anything';
  const { enum: values, items, additionalProperties: entry, type, minimum, maximum, title } = schema;
  if (values !== undefined) return values.map((value) => code(String(value))).join(' or ');
  if (type === 'array') return `list of ${plural(Array.isArray(items) ? 'values' : formOf(items ?? true))}`;
  if (type === 'integer') return `whole number, ${minimum} to ${maximum}`;
  if (type === 'object' && title === undefined)
    return typeof entry === 'object' ? 'mapping by name' : 'mapping';
  return title ?? String(type);
};

const plural = (form: string): string => {
  if (form.startsWith('name of a ')) {
    const what = form.slice('name of a '.length);
    return what === 'person' ? 'people' : `${what}s`;
  }
  return /^(mapping|list)/.test(form) ? form.replace(/^(mapping|list)/, '$1s') : `${form}s`;
};

const isRequired = (schema: JsonSchema, key: string): boolean => schema.required?.includes(key) ?? false;

const table = (rows: readonly Row[]): string =>
  [
    '| Key | Form | Meaning |',
    '|---|---|---|',
    ...rows.map(({ key, form, meaning }) => `| ${code(key)} | ${cell(form)} | ${cell(meaning)} |`),
  ].join('\n');

const cell = (text: string): string => text.replaceAll('|', '\\|');

const code = (text: string): string => `\`${text}\``;

const fenced = (yaml: string): string => `\`\`\`yaml\n${yaml}\n\`\`\``;

const introduction = `# The policy file

One YAML file holds every rule of the release week: who signs, when the cutoffs are, when production may be changed and how a service is deployed. Only \`timezone\`, \`people\`, \`services\` and \`trains\` must be there; every other key has a default, which this page states. [\`examples/minimal.yaml\`](../examples/minimal.yaml) is about the shortest useful policy and [\`examples/astronomy-shop/signalbox.yaml\`](../examples/astronomy-shop/signalbox.yaml) a complete one. The examples on this page, put together, are a policy too.

Check a policy before you use it:

\`\`\`
signalbox check signalbox.yaml
\`\`\`

It prints all faults at once, each as \`file:line:column path: message\`, and warns of what is allowed but probably not meant: a seat that nobody can fill, a time that the clocks skip, services that depend on each other in a circle. A faulty file never replaces a policy that is in use.

For completion and checks while you type, begin the file with a line that names the JSON Schema, by a path relative to the file (\`signalbox schema\` prints it):

\`\`\`yaml
# yaml-language-server: $schema=./docs/policy.schema.json
\`\`\`

## How values are written

| Form | Examples | Meaning |
|---|---|---|
| name | \`checkout\`, \`linux-amd64\` | up to 64 letters, digits, \`.\`, \`_\` and \`-\`; begins with a letter or digit and is not digits alone |
| duration | \`90s\`, \`15m\`, \`4h\`, \`2d\` | elapsed time: \`2d\` is always 48 hours |
| weekly time | \`Wednesday 12:00\` | every week, in the policy's \`timezone\`, on a 24-hour clock |
| date, date-time | \`2026-12-18\`, \`2026-12-18 22:00\` | in the policy's \`timezone\` |
| text | \`Rita Ramos\` | one line, up to 200 characters; in quotes when YAML would read a number |

In the tables, \`<person>\` stands for a name of your choice and \`[]\` for each entry of a list.

When the clocks change, a time that they skip moves forward by as much as they do, and of a time that they show twice the first one counts; the end of a freeze takes the last. \`signalbox check\` reports every such time in the next two years.`;
