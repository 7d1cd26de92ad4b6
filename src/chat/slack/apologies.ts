import type { Card } from '../card.ts';
import type { Request } from '../request.ts';

/** Slack's trigger was gone before its form was there. */
export const formFailed = ({ verb, subject }: Request): Card => ({
  title: 'The form did not open',
  tone: 'warning',
  summary: 'Slack did not open the form in time. Nothing was done: try again.',
  blocks: [],
  buttons: subject === undefined ? [] : [{ label: 'Try again', verb, subject }],
});

/** Of a form that could not wait for its outcome. */
export const workDone: Card = {
  title: 'Done',
  tone: 'good',
  summary: 'It took a while, and it is done.',
  blocks: [],
  buttons: [],
};
