import { policyReference } from './reference.ts';
import { policyJsonSchema } from './schema.ts';

/** The files in the repository that are made from the schema, by path from its root. A test holds them to it. */
export const policyDocs = (): readonly { readonly path: string; readonly text: string }[] => [
  { path: 'docs/policy.md', text: policyReference() },
  { path: 'docs/policy.schema.json', text: `${JSON.stringify(policyJsonSchema(), null, 2)}\n` },
];
