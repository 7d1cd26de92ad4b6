import type { Text } from '../chat/card.ts';
import type { ObligationKind } from '../domain/obligation.ts';
import { requirementText } from './words.ts';

/** What is owed, as a phrase: `why CHG-9 was late`. */
export const owedText = (
  kind: ObligationKind,
  subject: string,
  service: string,
  requirement: string | null,
): Text => [phrases[kind](subject, service, requirement ?? '')];

const phrases: Readonly<
  Record<ObligationKind, (subject: string, service: string, requirement: string) => string>
> = {
  review: (subject, service) => `why ${subject} ${service} was late, and how the next one is not`,
  paper: (subject, service, requirement) =>
    `“${requirementText(requirement)}” of ${subject} ${service}, which the emergency skipped`,
  record: (subject, service) => `the record of ${subject} ${service}`,
  propagation: (subject, service) =>
    `${subject} in the configuration management of ${service}, so that the next build does not undo it`,
  action: (subject, service, text) => `“${text}”, an action after ${subject} ${service}`,
  'root-cause': (subject, service) => `the root-cause analysis of ${subject} ${service}`,
};
