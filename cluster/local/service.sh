#!/usr/bin/env bash
# The services of the local cluster's machines, for tests and the curious.
#   service.sh list                      every machine and service, with the process id on this computer
#   service.sh pid MACHINE SERVICE       that process id alone
#   service.sh kill MACHINE SERVICE      kill -9; the machine starts the service again
#   service.sh run MACHINE COMMAND...    a command in the machine's namespaces
set -euo pipefail
# shellcheck source=../lib/common.sh
. "$(dirname "${BASH_SOURCE[0]}")/../lib/common.sh"
# shellcheck source=../lib/addresses.sh
. "$ROOT/cluster/lib/addresses.sh"
# shellcheck source=machine.sh
. "$ROOT/cluster/local/machine.sh"

# pid_of MACHINE SERVICE: the id as this computer sees it, looked up by the id that the machine recorded.
pid_of() {
  local first inner space status
  first=$(pid_of_machine "$1") || return 1
  inner=$(cat "$MACHINES/$1/run/$2.pid" 2>/dev/null) || return 1
  space=$(readlink "/proc/$first/ns/pid")
  while read -r status; do
    status=${status%/status}
    [ "$(readlink "$status/ns/pid" 2>/dev/null)" != "$space" ] || { echo "${status#/proc/}"; return 0; }
  done < <(grep -lE "^NSpid:.*[[:space:]]$inner\$" /proc/[0-9]*/status 2>/dev/null)
  return 1
}

case ${1:-} in
  list)
    for file in "$MACHINES"/*/run/*.pid; do
      [ -e "$file" ] || continue
      machine=${file%/run/*}; machine=${machine##*/}
      machine_is_alive "$machine" || continue
      service=${file##*/}; service=${service%.pid}
      printf '%-10s %-26s %s\n' "$machine" "$service" "$(pid_of "$machine" "$service" || echo '-')"
    done ;;
  pid|kill)
    [ $# = 3 ] || die "usage: service.sh $1 MACHINE SERVICE" "service.sh list shows them"
    pid=$(pid_of "$2" "$3") || die "the service $3 does not run on $2" "service.sh list shows what runs"
    if [ "$1" = pid ]; then echo "$pid"; else kill -9 "$pid"; fi ;;
  run) shift; machine_run "$@" ;;
  *) die "usage: service.sh list | pid MACHINE SERVICE | kill MACHINE SERVICE | run MACHINE COMMAND..." ;;
esac
