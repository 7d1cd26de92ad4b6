import { resolve } from 'node:path';
import type { Outcome } from '../domain/evidence.ts';
import type { BuilderIdentity, Policy, Service } from '../domain/policy.ts';
import { type Doubt, doubtAbout, doubtOf, type Expected, isBundle } from '../domain/provenance.ts';
import type { Context } from './context.ts';

export interface BuildReport {
  readonly builder?: string;
  readonly artifact?: string;
  readonly outcome: Outcome;
  readonly details?: object;
  /** The builder whose own key the report is signed with. */
  readonly signedBy?: string;
}

/**
 * The build machine is the arbiter: a builder that has something to prove itself by counts only with that proof, of the
 * very bytes. A builder with several kinds of proof needs one of each of those that the policy lists for it, except that
 * a key and an identity are two ways to sign the same provenance.
 */
export const buildDoubt = (
  context: Context,
  policy: Policy,
  service: Service,
  report: BuildReport,
): { readonly doubt?: Doubt } => {
  if (report.outcome === 'fail') return {};
  const builder = report.builder ?? '';
  const ownKey = policy.builderSecrets.has(builder) ? builder : undefined;
  // Also the other way round: a builder's key speaks for nobody else.
  if (report.signedBy !== ownKey) return { doubt: 'not-its-key' };
  const doubt = provenanceDoubt(context, policy, service, report, builder);
  return doubt === undefined ? {} : { doubt };
};

const provenanceDoubt = (
  context: Context,
  policy: Policy,
  { repository }: Service,
  { artifact = '', details }: BuildReport,
  builder: string,
): Doubt | undefined => {
  const keys = policy.builderKeys.get(builder);
  const identities = policy.builderIdentities.get(builder);
  if (keys === undefined && identities === undefined) return undefined;
  const provenance = details !== undefined && 'provenance' in details ? details.provenance : undefined;
  const expected: Expected = { artifact, builder, ...(repository === undefined ? {} : { repository }) };
  return isBundle(provenance)
    ? bundleDoubt(context, policy, provenance, expected, identities ?? [])
    : doubtOf(provenance, expected, keys ?? []);
};

const bundleDoubt = (
  { attestations, workFolder }: Context,
  { trustedRoot }: Policy,
  bundle: unknown,
  expected: Expected,
  identities: readonly BuilderIdentity[],
): Doubt | undefined => {
  if (attestations === undefined || trustedRoot === undefined) return 'no-trusted-root';
  const attested = attestations.verify(bundle, resolve(workFolder, trustedRoot));
  if (!attested.ok) return attested.doubt;
  const known = identities.some(
    ({ issuer, subject }) => issuer === attested.issuer && matches(subject, attested.subject),
  );
  return known ? doubtAbout(attested, expected) : 'wrong-identity';
};

/** Compared whole, letter by letter: nothing in it is a pattern but a `*` at its end. */
const matches = (pattern: string, subject: string): boolean =>
  pattern.endsWith('*') ? subject.startsWith(pattern.slice(0, -1)) : subject === pattern;
