/** Bytes after which a file of output is full; each may exceed it by 1 MiB. */
const fileLimit = 1_048_576;

/**
 * The shell program that watches over a step. Constant: whatever a user can influence arrives as positional
 * parameters or in the environment, and `exec` finds programs only, never a builtin or a function.
 * POSIX; $1: PATH for its own tools; $2: the run directory (run-directory.ts); then the command. Its variables
 * have a prefix because one that the step's environment has too would be exported with a new value.
 *
 * - It closes fd 3 once it has taken the token: that tells whoever started it.
 * - Output goes through a pipe to `output`, then in turns to `recent`/`older`: bounded, visible at once, and
 *   read to the end even when the disk is full, so that the program neither blocks nor dies of SIGPIPE.
 * - It survives the SIGTERM of a cancel to record the exit code. Then it waits for the end of the output, which
 *   may be long after: a daemon left behind keeps its pipe.
 */
export const wrapperScript = `
signalbox_path=$PATH PATH=$1 signalbox_run=$2
shift 2
mv "$signalbox_run/ready" "$signalbox_run/started-$$" || exit 99
mkfifo "$signalbox_run/pipe" 2>"$signalbox_run/reason" || {
  mv "$signalbox_run/started-$$" "$signalbox_run/never-started"
  exit 98
}
exec 3>&-
trap : TERM INT HUP
signalbox_keep() {
  signalbox_size=0
  while [ "$signalbox_size" -lt ${fileLimit} ]; do
    signalbox_before=$signalbox_size
    dd bs=65536 count=16 2>/dev/null >>"$signalbox_run/$1"
    signalbox_size=$(wc -c <"$signalbox_run/$1")
    [ "$signalbox_size" -gt "$signalbox_before" ] || return 1
  done
}
{
  trap '' TERM INT HUP
  rm -f "$signalbox_run/pipe"
  signalbox_keep output && while signalbox_keep recent; do
    mv "$signalbox_run/recent" "$signalbox_run/older"
  done
  exec cat >/dev/null
} <"$signalbox_run/pipe" &
exec >"$signalbox_run/pipe" 2>&1
(
  trap ': >"$signalbox_run/not-found"' EXIT
  PATH=$signalbox_path
  exec "$@"
)
signalbox_code=$?
exec >/dev/null 2>&1
case $signalbox_code:$1 in
127:*/*) [ -e "$1" ] || : >"$signalbox_run/not-found" ;; # bash runs no EXIT trap then
esac
mv "$signalbox_run/started-$$" "$signalbox_run/exited-$signalbox_code" ||
  mv "$signalbox_run/stopping-$$" "$signalbox_run/stopped-$signalbox_code"
wait
: >"$signalbox_run/complete"
`;
