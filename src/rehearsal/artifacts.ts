import { createHash, randomUUID } from 'node:crypto';
import type { Policy } from '../domain/policy.ts';
import type { SystemReport } from './scenario.ts';

/** A body of POST /hooks/evidence. */
export interface ReportBody {
  readonly id: string;
  readonly kind: SystemReport['kind'];
  readonly service: string;
  readonly version: string;
  readonly artifact: string;
  readonly platform: string;
  readonly environment?: string;
  readonly outcome: SystemReport['outcome'];
  readonly details?: { readonly builder?: string; readonly comment?: string };
}

/** What CI has made of every version, and what it tells of it: one body for each platform of the service. */
export const artifactBook = (): { bodiesOf(report: SystemReport, policy: Policy): readonly ReportBody[] } => {
  const builds = new Map<string, number>();
  return {
    bodiesOf: (report, policy) => {
      const { kind, service, version, environment, outcome, comment, again } = report;
      const name = `${service} ${version}`;
      if (kind === 'build' && again) builds.set(name, (builds.get(name) ?? 1) + 1);
      const bytes = `${name} build ${builds.get(name) ?? 1}`;
      const artifact = `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
      const builder = report.builder ?? policy.trustedBuilders[0];
      const details = {
        ...(kind === 'build' && builder !== undefined ? { builder } : {}),
        ...(comment === undefined ? {} : { comment }),
      };
      return (policy.services.get(service)?.platforms ?? []).map((platform) => ({
        id: randomUUID(),
        kind,
        service,
        version,
        artifact,
        platform,
        outcome,
        ...(environment === undefined ? {} : { environment }),
        ...(Object.keys(details).length === 0 ? {} : { details }),
      }));
    },
  };
};
