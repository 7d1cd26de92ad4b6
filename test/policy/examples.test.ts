import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { readPolicy } from '../../src/policy/current.ts';
import { policyDocs } from '../../src/policy/docs.ts';
import { formatFault } from '../../src/policy/fault.ts';
import { loadPolicy } from '../../src/policy/load.ts';
import { sectionExamples } from '../../src/policy/reference-examples.ts';
import { type JsonSchema, policyJsonSchema } from '../../src/policy/schema.ts';

const root = new URL('../../', import.meta.url);
const now = new Date('2026-11-23T12:00:00Z');
const read = (path: string): string => readFileSync(new URL(path, root), 'utf8');

const loaded = (path: string) => {
  const result = readPolicy(new URL(path, root).pathname, now);
  if (!result.ok) throw new Error(result.faults.map(formatFault).join('\n'));
  return result;
};

it.each(['examples/minimal.yaml', 'examples/astronomy-shop/signalbox.yaml'])(
  '%s loads without a fault or a warning and points at the JSON Schema',
  (path) => {
    expect(loaded(path).warnings.map(formatFault)).toEqual([]);
    const [, schema = ''] = /^# yaml-language-server: \$schema=(\S+)\n/.exec(read(path)) ?? [];
    expect(new URL(schema, new URL(path, root)).href).toBe(new URL('docs/policy.schema.json', root).href);
  },
);

it('the minimal example is short', () => {
  expect(read('examples/minimal.yaml').trimEnd().split('\n').length).toBeLessThanOrEqual(40);
});

it('the astronomy shop has the services and dependencies of the public catalogue', () => {
  const { services } = loaded('examples/astronomy-shop/signalbox.yaml').policy;
  const catalogue = `
    accounting: kafka otel-collector
    ad: flagd otel-collector
    cart: valkey-cart flagd otel-collector
    checkout: cart currency email payment product-catalog shipping kafka flagd otel-collector
    currency: otel-collector
    email: otel-collector
    fraud-detection: kafka otel-collector
    frontend: ad cart checkout currency product-catalog quote recommendation shipping image-provider flagd otel-collector
    frontend-proxy: frontend load-generator jaeger grafana flagd-ui
    image-provider: otel-collector
    load-generator: frontend flagd
    payment: flagd otel-collector
    product-catalog: flagd otel-collector
    quote: otel-collector
    recommendation: product-catalog flagd otel-collector
    shipping: quote otel-collector
    flagd-ui: flagd
    kafka:
    valkey-cart:
    flagd:
    jaeger:
    grafana:
    otel-collector:`;
  const lines = catalogue
    .trim()
    .split('\n')
    .map((line) => line.trim());
  expect(
    [...services.values()].map(({ name, dependsOn }) => `${name}: ${dependsOn.join(' ')}`.trim()).sort(),
  ).toEqual(lines.sort());
});

it.each(policyDocs().map((doc) => [doc.path, doc.text] as const))(
  '%s is what the schema says',
  (path, text) => {
    expect(read(path), 'run `npm run docs`').toBe(text);
  },
);

it('the examples of the reference, put together, are a policy without warnings', () => {
  const result = loadPolicy(Object.values(sectionExamples).join('\n'), 'docs', now);
  expect([...(result.ok ? [] : result.faults), ...result.warnings].map(formatFault)).toEqual([]);
});

it('every key is described, every optional one states its default, and every section has an example', () => {
  const silent: string[] = [];
  const visit = (schema: JsonSchema | boolean | undefined, path: string): void => {
    if (typeof schema !== 'object') return;
    for (const [key, value] of Object.entries(schema.properties ?? {})) {
      const description = typeof value === 'object' ? (value.description ?? '') : '';
      const optional = schema.required?.includes(key) !== true;
      if (description === '' || (optional && !/Default(:| for)/.test(description)))
        silent.push(`${path}.${key}`);
      visit(value, `${path}.${key}`);
    }
    visit(schema.additionalProperties, `${path}.*`);
    if (!Array.isArray(schema.items)) visit(schema.items, `${path}[]`);
  };
  const schema = policyJsonSchema();
  visit(schema, '');
  expect(silent).toEqual([]);
  expect(Object.keys(sectionExamples)).toEqual(Object.keys(schema.properties ?? {}));
});
