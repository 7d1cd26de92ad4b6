import { change } from './change.ts';
import { changeDebts } from './change-debts.ts';
import { changeDecide } from './change-decide.ts';
import { changeEmergency } from './change-emergency.ts';
import { changeEvidence } from './change-evidence.ts';
import { changeLate } from './change-late.ts';
import { changeMilestone } from './change-milestone.ts';
import { changeMove } from './change-move.ts';
import { changeSubmit } from './change-submit.ts';
import { deploy } from './deploy.ts';
import { deploySteer } from './deploy-steer.ts';
import type { Handler } from './handler.ts';
import { helpFor } from './help.ts';
import { home } from './home.ts';
import { incident } from './incident.ts';
import { incidentObserved } from './incident-observed.ts';
import { oncall } from './oncall.ts';
import { page } from './page.ts';
import { train } from './train.ts';
import { trainGo } from './train-go.ts';

/** Every verb there is. Manifests, help and the parser are made from it. */
export const handlers: readonly Handler[] = [
  ...home,
  ...train,
  ...trainGo,
  ...change,
  ...changeSubmit,
  ...changeEvidence,
  ...changeMilestone,
  ...changeDecide,
  ...changeMove,
  ...changeLate,
  ...changeEmergency,
  ...changeDebts,
  ...deploy,
  ...deploySteer,
  ...incident,
  ...incidentObserved,
  ...page,
  ...oncall,
  helpFor(() => handlers),
];
