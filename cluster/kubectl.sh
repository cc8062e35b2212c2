#!/usr/bin/env bash
# kubectl for this checkout: the cluster of $KUBECONFIG when that is set, else the local one, else what sync_config.sh
# collected from a Vagrant master.
set -euo pipefail
# shellcheck source=lib/common.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib/common.sh"

collected=$ROOT/cluster/.config
kubectl=$BIN/kubectl
[ -x "$kubectl" ] || kubectl=$collected/kubectl
[ -x "$kubectl" ] || kubectl=$(command -v kubectl) || die "there is no kubectl" "run cluster/up.sh, or cluster/tools/build.sh, first"
if [ -z "${KUBECONFIG:-}" ]; then
  if [ -r "$LOCAL_KUBECONFIG" ] && [ -e "$STATE/cluster" ]; then
    [ -e /sys/class/net/kvlocal0 ] || die "the local cluster is not running" "start it with cluster/up.sh"
    export KUBECONFIG=$LOCAL_KUBECONFIG
  elif [ -r "$collected/kubeconfig" ]; then export KUBECONFIG=$collected/kubeconfig
  elif [ -e "$LOCAL_KUBECONFIG" ] && [ ! -r "$LOCAL_KUBECONFIG" ]; then die "$LOCAL_KUBECONFIG is readable by root alone" "use sudo, or run sudo cluster/sync_config.sh and set KUBECONFIG=cluster/.config/kubeconfig"
  else die "there is no cluster" "run cluster/up.sh, or set KUBECONFIG to use one that exists"
  fi
fi
exec "$kubectl" "$@"
