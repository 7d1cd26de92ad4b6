import type { PlanRule, Policy, Run, StepRule } from '../domain/policy.ts';

/**
 * Stands in for the deployment programs of a policy: a rehearsal of somebody's real policy must never touch their
 * production. Real processes do real work on files all the same. Under SIGNALBOX_TARGET: `services/S/live/artifact`
 * is what S runs, `ledger` has a line for every call, a file `faults/S.VERB` makes that call fail.
 */
export const programText = `#!/bin/sh
# program VERB SERVICE ARTIFACT DEPLOYMENT MODE; MODE: do, last (installs), undo
set -eu
verb=$1 service=$2 artifact=$3 deployment=$4 mode=$5
target=$SIGNALBOX_TARGET
home=$target/services/$service
mkdir -p "$home/live"
printf '%s %s %s %s %s %s\\n' "$(date -u +%Y-%m-%dT%H:%M:%SZ)" \\
  "$verb" "$service" "$artifact" "$deployment" "$$" >>"$target/ledger"
now=$(cat "$home/live/artifact" 2>/dev/null || echo nothing)
echo "$verb $service: $now is live"
sleep "\${SIGNALBOX_PACE:-0.1}"
if [ -e "$target/faults/$service.$verb" ]; then
  echo "$verb $service: failed: $(head -n 1 "$target/faults/$service.$verb")" >&2
  exit 1
fi
put() {
  printf '%s\\n' "$1" >"$home/live/artifact.new"
  mv -f "$home/live/artifact.new" "$home/live/artifact"
}
case $mode in
last)
  printf '%s\\n' "$now" >"$home/kept.$deployment"
  put "$artifact"
  echo "$artifact is live now"
  ;;
undo)
  if [ -e "$home/kept.$deployment" ]; then
    put "$(cat "$home/kept.$deployment")"
    rm -f "$home/kept.$deployment"
  fi
  echo "$(cat "$home/live/artifact" 2>/dev/null || echo nothing) is live"
  ;;
esac
`;

/** The same policy, whose steps have their names, times and order but are done by the program. */
export const withProgram = (policy: Policy, program: string): Policy => ({
  ...policy,
  plans: new Map(
    [...policy.plans].map(([name, plan]) => [
      name,
      withoutSides({
        ...plan,
        steps: plan.steps.map((step) => standIn(step, program, step === installs(plan))),
      }),
    ]),
  ),
});

/** Nothing real is asked which side is live, either. */
const withoutSides = ({ sides: _, ...plan }: PlanRule): PlanRule => plan;

/** The step after which the artifact is live: a switch, or the last one that is more than a look. */
export const installs = ({ steps }: Pick<PlanRule, 'steps'>): StepRule | undefined =>
  steps.find(({ part }) => part === 'switch') ??
  steps.findLast(
    ({ check, part, name }) => check !== true && part === undefined && !name.startsWith('verify '),
  );

/** As the program and its ledger call the step: one word. */
export const wordOf = ({ name }: Pick<StepRule, 'name'>): string => name.replaceAll(' ', '-');

const standIn = (step: StepRule, program: string, isLast: boolean): StepRule => {
  const run = (verb: string, mode: string): Run => ({
    executor: 'command',
    command: ['/bin/sh', program, verb, '{service}', '{artifact}', '{deployment}', mode],
  });
  const { undo, ...rest } = step;
  return {
    ...rest,
    run: run(wordOf(step), isLast ? 'last' : 'do'),
    ...(undo === undefined ? {} : { undo: run(`undo-${wordOf(step)}`, 'undo') }),
  };
};

/** What a call writes into the ledger as its verb: the word before the service. */
export const verbOf = (run: Run): string => (run.executor === 'command' ? wordBefore(run.command) : '');

const wordBefore = (command: readonly string[]): string =>
  command[command.findIndex((word) => word.includes('{service}')) - 1] ?? '';
