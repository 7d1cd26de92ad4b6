import { assertNever } from './assert-never.ts';

/** Something that is due at an instant; the row's key makes it one of a kind. */
export type Deadline =
  | { readonly kind: 'reminder'; readonly train: string; readonly cutoff: string; readonly lead: number }
  | { readonly kind: 'cutoff'; readonly train: string; readonly cutoff: string }
  /** Trackers are asked, so that the cutoff knows their answers. */
  | { readonly kind: 'records'; readonly train: string; readonly cutoff: string }
  | { readonly kind: 'window-opens'; readonly train: string; readonly window: string }
  /** People are asked about what will run beyond the end. */
  | { readonly kind: 'window-ending'; readonly train: string; readonly window: string }
  | { readonly kind: 'window-closes'; readonly train: string; readonly window: string }
  | { readonly kind: 'train-ends'; readonly train: string }
  /** A reminder of what is owed; `contact` counts them. */
  | { readonly kind: 'obligation'; readonly obligation: number; readonly contact: number }
  /** What ran in production by then is held to what a deployment brought or took back. */
  | { readonly kind: 'observation'; readonly deployment: number; readonly as: 'succeeded' | 'rolled-back' }
  /** Whose an observed change is, is asked again. */
  | { readonly kind: 'claim'; readonly observed: number; readonly contact: number }
  /** The record is signed; `day` is the local date. */
  | { readonly kind: 'checkpoint'; readonly day: string }
  /** Somebody else is on call from this instant on. */
  | { readonly kind: 'handoff'; readonly schedule: string }
  /** Whether all is well with the shift that begins at the ISO instant. */
  | { readonly kind: 'shift-check'; readonly schedule: string; readonly from: string }
  /** The pager proves that it works; `day` is the local date. */
  | { readonly kind: 'drill'; readonly day: string }
  /** The seats of an emergency are called for again. */
  | { readonly kind: 'signatures'; readonly change: number; readonly round: number }
  /** A phase is looked at again, or has not been promoted in time. */
  | { readonly kind: 'phase'; readonly deployment: number; readonly phase: number }
  /** The old side has been kept for as long as was agreed. */
  | { readonly kind: 'old-side'; readonly deployment: number };

/** `at` tells apart the two openings of a window that a freeze has cut in two. */
export const deadlineKey = (deadline: Deadline, at: Date): string => {
  switch (deadline.kind) {
    case 'reminder':
      return `${deadline.train}/${deadline.cutoff}/reminder/${deadline.lead}`;
    case 'cutoff':
      return `${deadline.train}/${deadline.cutoff}/cutoff`;
    case 'records':
      return `${deadline.train}/${deadline.cutoff}/records`;
    case 'window-opens':
    case 'window-ending':
    case 'window-closes':
      return `${deadline.train}/${deadline.window}/${deadline.kind}/${at.toISOString()}`;
    case 'train-ends':
      return `${deadline.train}/ends`;
    case 'obligation':
      return `obligation/${deadline.obligation}/${deadline.contact}`;
    case 'signatures':
      return `signatures/${deadline.change}/${deadline.round}`;
    case 'observation':
      return `observation/${deadline.deployment}/${deadline.as}/${at.toISOString()}`;
    case 'claim':
      return `claim/${deadline.observed}/${deadline.contact}`;
    case 'phase':
      return `phase/${deadline.deployment}/${deadline.phase}/${at.toISOString()}`;
    case 'old-side':
      return `old-side/${deadline.deployment}/${at.toISOString()}`;
    case 'checkpoint':
    case 'drill':
      return `${deadline.kind}/${deadline.day}`;
    case 'handoff':
      return `handoff/${deadline.schedule}/${at.toISOString()}`;
    case 'shift-check':
      return `shift-check/${deadline.schedule}/${deadline.from}`;
    default:
      return assertNever(deadline);
  }
};
