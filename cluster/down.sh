#!/usr/bin/env bash
# Ends the local cluster: every process, mount, namespace, interface, cgroup and iptables rule of it. What it stored
# stays for the next up.sh unless --wipe is given; what was built and the registry's images always stay.
set -euo pipefail
# shellcheck source=lib/common.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib/common.sh"
for part in lib/addresses local/machine local/bridge local/teardown; do
  # shellcheck source=/dev/null
  . "$ROOT/cluster/$part.sh"
done

WIPE=
case ${1:-} in
  '') ;;
  --wipe) WIPE=1 ;;
  -h|--help) echo "usage: cluster/down.sh [--wipe]     --wipe also deletes workloads, volumes, keys and logs"; exit 0 ;;
  *) die "unknown option $1" "cluster/down.sh --help lists the options" ;;
esac
need_root "stopping the local cluster"
mkdir -p "$STATE"
exec 9>"$STATE/lock"
flock -w 120 9 || die "another cluster/up.sh or down.sh is at work" "stop it first (Ctrl-C), then run cluster/down.sh again"
teardown
if [ -n "$WIPE" ]; then
  wipe
  rm -rf --one-file-system "${LOGS:?}"
fi
step "the cluster is down"
