#!/bin/sh
# Deploys a service of the example by real work on real files, so that a rehearsal can be looked into afterwards.
#
#   deploy.sh VERB SERVICE [ARTIFACT] [DEPLOYMENT] [SIDE or PART]
#
#   parallel production   prepare  smoke  volume  switch  validate  update   and to undo   clean  switch-back  revert
#   phased                extend  healthy                                    and to undo   shrink
#   content               replicate                                          and to undo   put-back
#   in place              install                                            and to undo   restore
#   these two             verify
#   which side is live    live
#
# Under SIGNALBOX_TARGET (default: target, beside this file), each service has two sides, blue and green, and
# the symbolic link `live` to one of them. Every call that does something adds a line to `ledger`: time verb service
# artifact deployment pid. A file `faults/SERVICE.VERB` there makes that call fail. SIGNALBOX_PACE is how many seconds
# a call takes (default 0.1). Only what DEPLOYMENT did is undone, and once: a rollback can be repeated, and one
# that comes before anything was done changes nothing.
set -eu

usage() {
  sed -n '4,11s/^# *//p' "$0" >&2
  exit 2
}

verb=${1-} service=${2-} artifact=${3:--} deployment=${4:--} part=${5:--}
case $verb in
prepare | smoke | volume | validate | update | extend | healthy | replicate | install | verify)
  [ "$artifact" != - ] || usage
  ;;
live | switch | switch-back | clean | revert | shrink | put-back | restore) ;;
*) usage ;;
esac
case $verb in
prepare | smoke | volume | switch | clean | update | revert | extend | healthy | shrink) [ "$part" != - ] || usage ;;
esac
case $service in
'' | .* | -* | *[!A-Za-z0-9._-]*) usage ;;
esac
case $deployment$part in
'' | *[!A-Za-z0-9._-]*) usage ;;
esac

target=${SIGNALBOX_TARGET:-$(cd "$(dirname "$0")" && pwd)/target}
home=$target/services/$service
mkdir -p "$home/blue" "$home/green" "$home/parts"
[ -L "$home/live" ] || ln -s blue "$home/live"
live=$(readlink "$home/live")
if [ "$verb" = live ]; then
  echo "$live"
  exit 0
fi
printf '%s %s %s %s %s %s\n' "$(date -u +%Y-%m-%dT%H:%M:%SZ)" \
  "$verb" "$service" "$artifact" "$deployment" "$$" >>"$target/ledger"

on() { cat "$home/$1/artifact" 2>/dev/null || echo nothing; }

# A reader of a file sees the old artifact or the new one, never half of it.
write() {
  printf '%s\n' "$2" >"$1.new"
  mv -f "$1.new" "$1"
}
put() { write "$home/$1/artifact" "$2"; }

# What was there before DEPLOYMENT came, kept once and given back once.
keep() { [ -e "$home/$1.$deployment" ] || write "$home/$1.$deployment" "$2"; }
did() { [ -e "$home/$1.$deployment" ]; }
before() { cat "$home/$1.$deployment"; }
forget() { rm -f "$home/$1.$deployment"; }

# Renaming a link over a link is atomic, but mv must not follow the old one: -T in GNU, -h in BSD.
point_live_at() {
  ln -sfn "$1" "$home/live.new"
  mv -fT "$home/live.new" "$home/live" 2>/dev/null || mv -fh "$home/live.new" "$home/live"
}

fail() {
  echo "$verb $service: $1" >&2
  exit 1
}
expect() { [ "$2" = "$artifact" ] || fail "$1 has $2, not $artifact"; }
not_live() { [ "$part" != "$live" ] || fail "$part is live"; }

case $verb in
extend | healthy | shrink) echo "$verb $service: $part has $(cat "$home/parts/$part" 2>/dev/null || echo nothing)" ;;
*) echo "$verb $service: $live is live with $(on "$live")" ;;
esac
sleep "${SIGNALBOX_PACE:-0.1}"
if [ -e "$target/faults/$service.$verb" ]; then
  fail "failed: $(head -n 1 "$target/faults/$service.$verb")"
fi

case $verb in
prepare)
  not_live
  keep prepared "$part"
  put "$part" "$artifact"
  echo "$part is idle and has $artifact now"
  ;;
clean)
  if did prepared; then
    not_live
    rm -f "$home/$part/artifact"
    forget prepared
    echo "$part is empty"
  else
    echo "nothing to clean"
  fi
  ;;
smoke)
  expect "$part" "$(on "$part")"
  echo "$part answers with $artifact: 12 checks, 0 failed"
  ;;
volume)
  expect "$part" "$(on "$part")"
  echo "$part bears the volume of a Saturday: 50000 requests, 0 failed"
  ;;
switch)
  did prepared || fail "nothing is prepared on $part"
  keep switched "$live"
  point_live_at "$part"
  echo "$part is live now with $(on "$part")"
  ;;
switch-back)
  if did switched; then
    point_live_at "$(before switched)"
    echo "$(before switched) is live again with $(on "$(before switched)")"
    forget switched
  else
    echo "nothing to switch back"
  fi
  ;;
validate)
  expect "$live" "$(on "$live")"
  echo "$live serves customers with $artifact: 12 checks, 0 failed"
  ;;
update)
  not_live
  keep updated "$(on "$part")"
  put "$part" "$artifact"
  echo "$part is idle and has $artifact too"
  ;;
revert)
  if did updated; then
    not_live
    put "$part" "$(before updated)"
    forget updated
    echo "$part has $(on "$part") again"
  else
    echo "nothing to revert"
  fi
  ;;
extend)
  keep "reached-$part" "$(cat "$home/parts/$part" 2>/dev/null || echo nothing)"
  write "$home/parts/$part" "$artifact"
  case $part in
  100 | everybody)
    keep kept "$(on "$live")"
    put "$live" "$artifact"
    ;;
  esac
  echo "$part has $artifact now"
  ;;
healthy)
  expect "$part" "$(cat "$home/parts/$part" 2>/dev/null || echo nothing)"
  echo "$part is well: 0 errors of 4200 requests"
  ;;
shrink)
  if did "reached-$part"; then
    write "$home/parts/$part" "$(before "reached-$part")"
    forget "reached-$part"
    case $part in
    100 | everybody)
      put "$live" "$(before kept)"
      forget kept
      ;;
    esac
    echo "$part has $(cat "$home/parts/$part") again"
  else
    echo "nothing to shrink"
  fi
  ;;
replicate)
  keep replaced "$live"
  mkdir -p "$home/versions/$deployment"
  put "versions/$deployment" "$artifact"
  point_live_at "versions/$deployment"
  echo "versions/$deployment is live with $artifact, $(before replaced) is kept"
  ;;
put-back)
  if did replaced; then
    point_live_at "$(before replaced)"
    echo "$(before replaced) is live again with $(on "$(before replaced)")"
    forget replaced
  else
    echo "nothing to put back"
  fi
  ;;
install)
  keep kept "$(on "$live")"
  put "$live" "$artifact"
  echo "$live has $artifact now"
  ;;
restore)
  if did kept; then
    put "$live" "$(before kept)"
    forget kept
    echo "$live has $(on "$live") again"
  else
    echo "nothing to restore"
  fi
  ;;
verify)
  expect "$live" "$(on "$live")"
  echo "$live answers with $artifact: 12 checks, 0 failed"
  ;;
esac
