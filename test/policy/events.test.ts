import { expect, it } from 'vitest';
import { loadPolicy } from '../../src/policy/load.ts';

const base = 'timezone: UTC\npeople: { ann: {} }\nservices: { web: { differs: [configuration] } }\n';
const load = (text: string) => loadPolicy(`${base}${text}`, 'p.yaml', new Date('2026-11-23T12:00:00Z'));
const trains = 'trains: { weekly: {} }\n';
const faultsOf = (text: string) => {
  const loaded = load(text);
  return loaded.ok ? [] : loaded.faults.map(({ path, message }) => `${path}: ${message}`);
};

it('rules about events are checked by line: types, pointers, filters, names of services and environments', () => {
  expect(
    faultsOf(`${trains}events:
  - { on: jenkins:build, is: build }
  - { on: github:check_run, is: verified, service: wep, environment: preprod }
  - { on: cdevents:artifact.published, is: build, service: "{/subject/id|nam}", version: "{version}" }
  - { on: cdevents:artifact.published, is: shipped, when: { subject: x } }
`),
  ).toEqual([
    expect.stringMatching(/^events\[0\]\.on: "jenkins:build" is not a type such as/),
    expect.stringMatching(/^events\[1\]\.service: there is no service "wep"; did you mean "web"\?/),
    expect.stringMatching(/^events\[1\]\.environment: there is no environment "preprod"/),
    expect.stringMatching(/^events\[2\]\.service: there is no filter "nam"/),
    expect.stringMatching(/^events\[2\]\.version: has a brace that is no/),
    expect.stringMatching(/^events\[3\]\.is: /),
    expect.stringMatching(/^events\[3\]\.when\.subject/),
  ]);
});

it('trackers say what their kind needs, and nothing that is for another', () => {
  expect(
    faultsOf(`${trains}trackers:
  a: { kind: jira, records: ["A-*"], table: x }
  b: { kind: json, url: "https://t.example/x", records: ["B-*"] }
  c: { kind: github, records: [] }
`),
  ).toEqual([
    expect.stringMatching(/^trackers\.a\.url: is missing/),
    expect.stringMatching(/^trackers\.a\.table: is for trackers of the kind servicenow only/),
    expect.stringMatching(/^trackers\.b\.pointer: is missing/),
    expect.stringMatching(/^trackers\.b\.url: has no \{record\} in it/),
    expect.stringMatching(/^trackers\.c\.records: must not be empty/),
  ]);
  const loaded = load(`${trains}trackers: { c: { kind: github, records: ["x/y#*"] } }`);
  expect(loaded.ok && loaded.policy.trackers).toEqual([
    { name: 'c', kind: 'github', records: ['x/y#*'], ready: ['closed'], url: 'https://api.github.com' },
  ]);
});

it('nothing mirrors production but what comes before it', () => {
  const cutoff = (requires: string) =>
    `trains: { weekly: { cutoffs: { ready: { at: Friday 10:00, requires: [${requires}] } } } }\n`;
  expect(faultsOf(cutoff('mirror:preproduction'))).toEqual([]);
  expect(faultsOf(cutoff('mirror:production'))).toEqual([expect.stringContaining('is production')]);
  expect(faultsOf(cutoff('mirror:staging'))).toEqual([expect.stringContaining('there is no environment')]);
});
