#!/bin/sh
# Deploys a service of the example by real work on real files, so that a rehearsal can be looked into afterwards.
#
#   deploy.sh VERB SERVICE [ARTIFACT] [DEPLOYMENT]
#
#   parallel production   prepare  switch   and to undo   clean  switch-back
#   in place              install           and to undo   restore
#   both                  verify
#
# Under SIGNALBOX_TARGET (default: target, beside this file), each service has two sides, blue and green, and
# the symbolic link `live` to one of them. Every call adds a line to `ledger`: time verb service artifact
# deployment pid. A file `faults/SERVICE.VERB` there makes that call fail. SIGNALBOX_PACE is how many seconds
# a call takes (default 0.1). Only what DEPLOYMENT did is undone, and once: a rollback can be repeated, and one
# that comes before anything was done changes nothing.
set -eu

usage() {
  echo "usage: $0 prepare|verify|switch|switch-back|clean|install|restore SERVICE [ARTIFACT] [DEPLOYMENT]" >&2
  exit 2
}

verb=${1-} service=${2-} artifact=${3:--} deployment=${4:--}
case $verb in
prepare | install | verify) [ "$artifact" != - ] || usage ;;
switch | switch-back | clean | restore) ;;
*) usage ;;
esac
case $service in
'' | .* | -* | *[!A-Za-z0-9._-]*) usage ;;
esac
case $deployment in
'' | *[!A-Za-z0-9._-]*) usage ;;
esac

target=${SIGNALBOX_TARGET:-$(cd "$(dirname "$0")" && pwd)/target}
home=$target/services/$service
mkdir -p "$home/blue" "$home/green"
[ -L "$home/live" ] || ln -s blue "$home/live"
printf '%s %s %s %s %s %s\n' "$(date -u +%Y-%m-%dT%H:%M:%SZ)" \
  "$verb" "$service" "$artifact" "$deployment" "$$" >>"$target/ledger"

live=$(readlink "$home/live")
if [ "$live" = blue ]; then idle=green; else idle=blue; fi

on() { cat "$home/$1/artifact" 2>/dev/null || echo nothing; }

# A reader of a side sees the old artifact or the new one, never half of it.
put() {
  printf '%s\n' "$2" >"$home/$1/artifact.new"
  mv -f "$home/$1/artifact.new" "$home/$1/artifact"
}

# Renaming a link over a link is atomic, but mv must not follow the old one: -T in GNU, -h in BSD.
point_live_at() {
  ln -sfn "$1" "$home/live.new"
  mv -fT "$home/live.new" "$home/live" 2>/dev/null || mv -fh "$home/live.new" "$home/live"
}

echo "$verb $service: $live is live with $(on "$live")"
sleep "${SIGNALBOX_PACE:-0.1}"
if [ -e "$target/faults/$service.$verb" ]; then
  echo "$verb $service: failed: $(head -n 1 "$target/faults/$service.$verb")" >&2
  exit 1
fi

case $verb in
prepare)
  put "$idle" "$artifact"
  : >"$home/prepared"
  echo "$idle is idle and has $artifact now"
  ;;
verify)
  if [ -e "$home/prepared" ]; then side=$idle; else side=$live; fi
  if [ "$(on "$side")" != "$artifact" ]; then
    echo "$side has $(on "$side"), not $artifact" >&2
    exit 1
  fi
  echo "$side answers with $artifact: 12 checks, 0 failed"
  ;;
switch)
  if [ -e "$home/switched-from.$deployment" ]; then
    echo "$live is live already"
    exit 0
  fi
  if [ ! -e "$home/prepared" ]; then
    echo "nothing is prepared on $idle" >&2
    exit 1
  fi
  rm -f "$home"/switched-from.*
  echo "$live" >"$home/switched-from.$deployment"
  point_live_at "$idle"
  rm -f "$home/prepared"
  echo "$idle is live now with $(on "$idle")"
  ;;
switch-back)
  if [ -e "$home/switched-from.$deployment" ]; then
    before=$(cat "$home/switched-from.$deployment")
    point_live_at "$before"
    rm -f "$home/switched-from.$deployment"
    echo "$before is live again with $(on "$before")"
  else
    echo "nothing to switch back"
  fi
  ;;
clean)
  rm -f "$home/prepared" "$home/$idle/artifact"
  echo "$idle is empty"
  ;;
install)
  if [ ! -e "$home/kept.$deployment" ]; then
    rm -f "$home"/kept.*
    on "$live" >"$home/new-kept"
    mv -f "$home/new-kept" "$home/kept.$deployment"
  fi
  put "$live" "$artifact"
  echo "$live has $artifact now"
  ;;
restore)
  if [ -e "$home/kept.$deployment" ]; then
    put "$live" "$(cat "$home/kept.$deployment")"
    rm -f "$home/kept.$deployment"
    echo "$live has $(on "$live") again"
  else
    echo "nothing to restore"
  fi
  ;;
esac
