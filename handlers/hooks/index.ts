import { alertmanager } from './alertmanager.ts';
import { cdevents } from './cdevents.ts';
import { evidence } from './evidence.ts';
import { github } from './github.ts';
import { heartbeat } from './heartbeat.ts';
import { pagerduty } from './pagerduty.ts';
import { phoneLine } from './phone-line.ts';
import { policy } from './policy.ts';
import { stepResult } from './step-result.ts';
import { twilio } from './twilio.ts';

/** Everything that systems may tell by HTTP. */
export const hooks = [
  evidence,
  cdevents,
  github,
  policy,
  stepResult,
  alertmanager,
  heartbeat,
  ...pagerduty,
  ...twilio,
  ...phoneLine,
] as const;
