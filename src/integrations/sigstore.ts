import { readFileSync, statSync } from 'node:fs';
import { bundleFromJSON, isBundleWithDsseEnvelope } from '@sigstore/bundle';
import { TrustedRoot } from '@sigstore/protobuf-specs';
import { toSignedEntity, toTrustMaterial, Verifier } from '@sigstore/verify';
import type { Attestations } from './integration.ts';

/**
 * Verifies Sigstore bundles (https://docs.sigstore.dev/about/bundle) without any network: certificate, its log, the
 * transparency log and timestamps against the trusted root in a file, which is read again when it has changed. What
 * the bundle says of bytes and builder is the caller's to judge.
 */
export const createAttestations = (): Attestations => {
  const roots = new Map<string, { readonly at: number; readonly verifier: Verifier }>();

  const verifierOf = (path: string): Verifier | undefined => {
    try {
      const at = statSync(path).mtimeMs;
      const known = roots.get(path);
      if (known?.at === at) return known.verifier;
      const root = TrustedRoot.fromJSON(JSON.parse(readFileSync(path, 'utf8')));
      const verifier = new Verifier(toTrustMaterial(root));
      roots.set(path, { at, verifier });
      return verifier;
    } catch {
      return undefined;
    }
  };

  return {
    verify: (value, trustedRoot) => {
      const verifier = verifierOf(trustedRoot);
      if (verifier === undefined) return { ok: false, doubt: 'no-trusted-root' };
      const bundle = attempt(() => bundleFromJSON(value));
      if (bundle === undefined || !isBundleWithDsseEnvelope(bundle))
        return { ok: false, doubt: 'unreadable' };
      const signer = attempt(() => verifier.verify(toSignedEntity(bundle)));
      if (signer === undefined) return { ok: false, doubt: 'bad-signature' };
      const { payloadType: type, payload } = bundle.content.dsseEnvelope;
      return {
        ok: true,
        type,
        payload,
        issuer: signer.identity?.extensions?.issuer ?? '',
        subject: signer.identity?.subjectAlternativeName ?? '',
      };
    },
  };
};

/** The libraries throw at whatever does not hold; what exactly it was helps a forger more than anybody else. */
const attempt = <T>(work: () => T): T | undefined => {
  try {
    return work();
  } catch {
    return undefined;
  }
};
