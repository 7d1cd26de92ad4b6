import { shortDigest } from '../domain/change.ts';
import type { SystemReport } from './scenario.ts';

/** What a system reports, in a line. */
export const reportWords = (report: SystemReport, artifact: string): string => {
  const { kind, service, version, environment, outcome, comment, again, builder } = report;
  const name = `${service} ${version}`;
  const said = comment === undefined ? '' : ` (${comment})`;
  const failed = outcome === 'fail';
  switch (kind) {
    case 'build': {
      const by = builder === undefined ? '' : ` by ${builder}`;
      return `${again ? 'rebuilt' : 'built'} ${name}${by}${failed ? ': FAILED' : `: ${shortDigest(artifact)}`}${said}`;
    }
    case 'deployed':
      return `deployment of ${name} to ${environment} ${failed ? 'FAILED' : 'succeeded'}${said}`;
    case 'observed':
      return `${environment} was read: ${name} runs there${said}`;
    case 'verified':
      return `verification of ${name} in ${environment} ${failed ? 'FAILED' : 'passed'}${said}`;
  }
};
