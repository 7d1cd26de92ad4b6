import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { RequestHandler } from 'express';
import { deploymentCard } from '../cards/deployment-card.ts';
import { describeDeployment } from '../operations/describe-deployment.ts';
import { Refused } from '../operations/outcome.ts';
import { type StepLog, stepLogs } from '../operations/step-logs.ts';
import { refusal, send, starting } from './answers.ts';
import { cardHtml, escapeHtml, pageBottom, pageTop } from './html.ts';
import { mayOpen, pageHeaders, pageLink } from './page-access.ts';
import type { Revealable } from './ready.ts';
import type { PageSurroundings } from './train-page.ts';

const pathOf = (deployment: string): string => `/deployments/${encodeURIComponent(deployment)}`;

/** Opens the deployment's page for whoever has it, until the secret is changed. `base` has no slash at the end. */
export const deploymentLink = (deployment: string, base: string, secret: Revealable): string =>
  pageLink(pathOf(deployment), base, secret);

/**
 * A deployment and all that is kept of what its steps printed, for reading. Sent step by step: of the output of one step
 * some megabytes at most are in memory, however much it printed and however slow the reader is.
 */
export const serveDeploymentPage =
  ({ ready, ...access }: PageSurroundings): RequestHandler<{ id: string }> =>
  async (req, res) => {
    const context = ready()?.context;
    if (context === undefined) return send(res, starting);
    const { id } = req.params;
    if (!mayOpen(req, pathOf(id), access))
      return send(res, refusal(403, 'no-key', 'This page opens with its signed link only.'));
    try {
      const view = await describeDeployment(context, id, context.clock.now());
      const policy = context.policy();
      const zone = policy.timezone;
      const title = `DEP-${view.deployment.id}`;
      const logs = stepLogs(context, view);
      const page = async function* (): AsyncGenerator<string> {
        yield pageTop(title);
        yield cardHtml(deploymentCard(view, policy), zone);
        for await (const log of logs) yield logHtml(log);
        yield pageBottom(zone, view.now);
      };
      res.set(pageHeaders).type('html');
      await pipeline(Readable.from(page()), res);
    } catch (error) {
      // Whoever reads may go away in the middle.
      if (res.headersSent) return void res.destroy();
      if (!(error instanceof Refused)) throw error;
      send(res, refusal(404, error.refusal.code, 'There is no such deployment.'));
    }
  };

const logHtml = ({ step, direction, attempt, state, output, place }: StepLog): string => {
  const title = `${direction === 'do' ? step : `undoing ${step}`}${attempt > 1 ? `, try ${attempt}` : ''}`;
  const note =
    place === 'end' ? '<p class="note">Only its end is kept here; the rest is where it ran.</p>' : '';
  const text = output === '' ? '<p class="note">It printed nothing.</p>' : `<pre>${escapeHtml(output)}</pre>`;
  return `<section class="card"><h3>${escapeHtml(title)}: ${escapeHtml(state)}</h3>${note}${text}</section>\n`;
};
