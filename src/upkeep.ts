import { type Clock, systemClock } from './clock.ts';
import { day, minute } from './domain/time.ts';
import type { CommandExecutor } from './executors/command.ts';
import { beat } from './integrations/heartbeat.ts';
import type { Log } from './log.ts';
import { adoptPolicy, followPolicy } from './operations/adopt-policy.ts';
import { armTimetable } from './operations/arm-timetable.ts';
import { attendCutoffs } from './operations/attend-cutoffs.ts';
import { isPagerSound } from './operations/check-pager.ts';
import type { Context } from './operations/context.ts';
import type { CurrentPolicy } from './policy/current.ts';
import type { LoadedPolicy } from './policy/load.ts';

/** What every process does by itself, by the world's clock, until it is told to stop. */
export type Stop = () => Promise<void>;

/** Never twice at once; what went wrong is in the log, and tried again the next time. */
const repeat = (everyMs: number, log: Log, trouble: string, work: () => Promise<unknown>): Stop => {
  let busy = Promise.resolve();
  const timer = setInterval(() => {
    busy = busy.then(work).then(
      () => undefined,
      (error: unknown) => log.warn({ err: error }, trouble),
    );
  }, everyMs);
  return async () => {
    clearInterval(timer);
    await busy;
  };
};

/** What the file says comes into force, unless it loosens a rule whose seats have not signed that. */
export const adopting =
  (context: Context, policy: CurrentPolicy, log: Log) =>
  async (loaded: LoadedPolicy): Promise<void> => {
    const { inForce, waits } = await adoptPolicy(context, loaded, policy.file);
    policy.use(inForce);
    if (waits !== undefined)
      log.warn(
        { policy: waits },
        'the policy file asks for less than the policy in force: it waits for signatures',
      );
  };

/** What was signed, here or elsewhere, is in force in every process within a second or two. */
export const following = (context: Context, policy: CurrentPolicy, log: Log): Stop =>
  repeat(2_000, log, 'whether a policy was signed could not be seen', async () => {
    const signed = await followPolicy(context, policy.get().digest);
    if (signed === undefined) return;
    policy.use(signed);
    await armTimetable(context);
    log.info({ digest: signed.digest }, 'a policy that was signed is in force');
  });

/** Keeps the coming cutoffs from closing while requests that arrived in time are in flight here (L3). */
export const attending = async (context: Context, log: Log): Promise<Stop> => {
  const trouble = 'coming cutoffs were not looked at';
  const attend = (): Promise<void> => attendCutoffs(context);
  await attend().catch((error: unknown) => log.warn({ err: error }, trouble));
  return repeat(1_000, log, trouble, attend);
};

/** The dead man's switch: whoever waits for it knows no clock but the world's. */
export const beating = (context: Context, url: string, log: Log): Stop => {
  const once = (): Promise<void> => beat({ url, isSound: () => isPagerSound(context), log });
  const first = once();
  const stop = repeat(minute, log, 'the heartbeat was not sent', once);
  return async () => {
    await first;
    await stop();
  };
};

/** What steps printed is kept for a month: it is about files, not about trains. */
export const tidying = (executor: CommandExecutor, log: Log, clock: Clock = systemClock): Stop => {
  const trouble = 'old output of steps was not removed';
  const tidy = (): Promise<unknown> => executor.sweep(new Date(clock.now().getTime() - 30 * day));
  const first = tidy().catch((error: unknown) => log.warn({ err: error }, trouble));
  const stop = repeat(day, log, trouble, tidy);
  return async () => {
    await first;
    await stop();
  };
};
