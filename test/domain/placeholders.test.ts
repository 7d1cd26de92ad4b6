import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fillCommand } from '../../src/domain/placeholders.ts';
import { Refused } from '../../src/domain/refusal.ts';

const values = { service: 'checkout', artifact: 'sha256:ab', previous: '' };

describe('placeholders of a command', () => {
  it('are filled inside every argument, as often as they stand there', () => {
    const command = ['./deploy.sh', '{service}', '--image={service}@{artifact}', '{previous}'];
    expect(fillCommand(command, values)).toEqual([
      './deploy.sh',
      'checkout',
      '--image=checkout@sha256:ab',
      '',
    ]);
  });

  it('leave braces alone that hold no name', () => {
    const command = ['{"a":{"b":1}}', '{ service }', '{}', '{1}', '{{.Name}}'];
    expect(fillCommand(command, values)).toEqual(command);
  });

  it('are refused, all of them, when there is no such value; not even `constructor` is one', () => {
    const refusal = () => {
      try {
        return fillCommand(['{servise}', '{service} {constructor}'], values);
      } catch (error) {
        return error instanceof Refused ? error.refusal : error;
      }
    };
    const facts = { placeholders: ['servise', 'constructor'], known: ['service', 'artifact', 'previous'] };
    expect(refusal()).toEqual({ code: 'unknown-placeholder', facts });
  });

  it('take values as they are: neither expanded again nor split nor read as a replacement pattern', () => {
    const nasty = fc.oneof(
      fc.string(),
      fc.constantFrom('{service}', '{other}', '$&', "$'", '$1', 'a b', '$(touch x)'),
    );
    fc.assert(
      fc.property(nasty, nasty, (service, other) => {
        expect(fillCommand(['<{service}|{other}>'], { service, other })).toEqual([`<${service}|${other}>`]);
      }),
    );
  });
});
