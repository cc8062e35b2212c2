#!/usr/bin/env bash
# Roles of the nodes: common manifests select by these labels, which a kubelet may not give itself.
set -euo pipefail
MACHINE=${MACHINE:-haproxy}
# shellcheck source=lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
for n in $(seq "$NODES"); do wait_for 60 "the registration of node$n" kube get node "node$n"; done
kube label --overwrite node node1 node-role.kubernetes.io/control-plane= >/dev/null
mapfile -t names < <(seq -f 'node%g' "$NODES")
kube label --overwrite node "${names[@]}" node-role.kubernetes.io/worker= >/dev/null
