import type { RsyncRun } from '../domain/run.ts';
import type { Executor, Handle, StepSpec } from './executor.ts';

/**
 * Content to production by rsync, as a process of this machine: `versions/DEPLOYMENT` is filled beside what is served,
 * hard links for what did not change, then `current` is put on it by one rename. Taking it back moves `current` to what
 * it was before, if this deployment had moved it at all.
 */
export const createRsyncExecutor = (command: Executor): Executor => {
  const asCommand = (spec: StepSpec): StepSpec =>
    spec.run.executor === 'rsync'
      ? { ...spec, run: { executor: 'command', command: commandOf(spec.run, spec.deployment) } }
      : spec;
  return {
    ...command,
    name: 'rsync',
    prepare: (spec): Handle => ({ ...command.prepare(asCommand(spec)), executor: 'rsync' }),
    start: (handle, spec) => command.start(handle, asCommand(spec)),
  };
};

const commandOf = ({ from, to, keep }: RsyncRun, deployment: string): readonly string[] =>
  from === undefined
    ? ['/bin/sh', '-c', back, 'rsync-back', to, deployment]
    : ['/bin/sh', '-c', forth, 'rsync', from, to, deployment, String(keep)];

/** `mv -T` renames over a symbolic link instead of moving into the folder that it names. */
const common = `
set -eu
point() { ln -sfn "versions/$1" .next && mv -fT .next current; }
`;

const forth = `${common}
command -v rsync >/dev/null || { echo 'rsync is not installed here'; exit 1; }
from=$(cd "$1" && pwd); mkdir -p "$2/versions"; cd "$2"; version=$3; keep=$4
before=$(readlink current 2>/dev/null || :); before=\${before#versions/}
if [ "$before" != "$version" ]; then printf '%s' "$before" > "versions/.before-$version"; fi
link=''; if [ -n "$before" ] && [ -d "versions/$before" ]; then link="--link-dest=../$before"; fi
rsync -a --delete --stats \${link:+"$link"} "$from/" "versions/$version/"
point "$version"
before=$(cat "versions/.before-$version")
ls -1t versions | grep -vxF -e "$version" -e "\${before:-$version}" | tail -n "+$keep" | while read -r old; do
  rm -rf "versions/$old" "versions/.before-$old"
done
echo "current is $version, before it was \${before:-nothing}"
`;

const back = `${common}
cd "$1"; version=$2
if [ "$(readlink current 2>/dev/null || :)" != "versions/$version" ]; then
  echo "current is not $version: nothing to take back"; exit 0
fi
before=$(cat "versions/.before-$version")
if [ -n "$before" ]; then point "$before"; echo "current is $before again"
else rm current; echo 'there was nothing before'; fi
`;
