import type { RequestHandler } from 'express';
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { Log } from '../log.ts';
import { takeStock } from '../operations/check-health.ts';
import type { HookOutcome } from './hooks.ts';
import type { Ready } from './ready.ts';

export interface Metrics {
  /** Before every route: counts and times what follows. */
  readonly observe: RequestHandler;
  countHook(hook: string, outcome: HookOutcome): void;
  /** In Prometheus' text format. Answers also while database or queue are away: then without what they would tell. */
  scrape(ready: Ready): Promise<{ readonly contentType: string; readonly text: string }>;
}

export const createMetrics = (log: Log): Metrics => {
  const register = new Registry();
  const registers = [register];
  collectDefaultMetrics({ register });
  const gauge = <L extends string = never>(name: string, help: string, labelNames: readonly L[] = []) =>
    new Gauge<L>({ name: `signalbox_${name}`, help, labelNames, registers });

  const requests = new Histogram({
    name: 'signalbox_http_request_duration_seconds',
    help: 'HTTP requests answered, by route and status.',
    labelNames: ['method', 'route', 'status'],
    buckets: [0.005, 0.02, 0.1, 0.5, 1, 3, 10],
    registers,
  });
  const hooks = new Counter({
    name: 'signalbox_hook_requests_total',
    help: 'Reports by webhook, by what became of them.',
    labelNames: ['hook', 'outcome'],
    registers,
  });
  const databaseUp = gauge('database_up', '1 when the database answers.');
  const queueUp = gauge('queue_up', '1 when the queue answers.');
  const jobs = gauge('queue_jobs', 'Jobs in the queue.', ['queue', 'state']);
  const deployments = gauge('deployments', 'Deployments by state.', ['state']);
  const deadlines = gauge('deadlines_overdue', 'Deadlines that are due and not done.');
  const notices = gauge('notices_waiting', 'Chat messages that are not sent yet.');
  const trains = gauge('trains_open', 'Trains that have not ended.');

  const readStock = async ({ context }: Ready): Promise<void> => {
    try {
      const stock = await takeStock(context);
      deployments.reset();
      for (const [state, count] of stock.deployments) deployments.set({ state }, count);
      deadlines.set(stock.deadlinesOverdue);
      notices.set(stock.noticesWaiting);
      trains.set(stock.trainsOpen);
      databaseUp.set(1);
    } catch (error) {
      log.warn({ err: error }, 'a scrape found no database');
      // Absent, not 0: nobody knows.
      deployments.reset();
      for (const unknown of [deadlines, notices, trains]) unknown.remove();
      databaseUp.set(0);
    }
  };

  const readQueue = async ({ queue }: Ready): Promise<void> => {
    try {
      await queue.ping();
      const counts = await queue.counts();
      jobs.reset();
      for (const [name, states] of counts)
        for (const [state, count] of Object.entries(states)) jobs.set({ queue: name, state }, count);
      queueUp.set(1);
    } catch (error) {
      log.warn({ err: error }, 'a scrape found no queue');
      jobs.reset();
      queueUp.set(0);
    }
  };

  return {
    observe: (req, res, next) => {
      const stop = requests.startTimer();
      res.once('close', () => {
        // Only routes that exist, or anyone could make up as many series as they like.
        const path: unknown = req.route?.path;
        const route = typeof path === 'string' ? path : 'none';
        const status = res.writableFinished ? String(res.statusCode) : 'aborted';
        stop({ method: req.route === undefined ? 'any' : req.method, route, status });
      });
      next();
    },
    countHook: (hook, outcome) => hooks.inc({ hook, outcome }),
    scrape: async (ready) => {
      await Promise.all([readStock(ready), readQueue(ready)]);
      return { contentType: register.contentType, text: await register.metrics() };
    },
  };
};
