#!/usr/bin/env bash
# The storage classes "shared" (one folder on all nodes) and "block" (loop devices). Only where all machines share one
# kernel and disk, as the namespaces of up.sh do; virtual machines do not. Runs on the first master.
set -euo pipefail
# shellcheck source=lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
packages util-linux
service block-provisioner env GOMEMLIMIT=64MiB "$(program block-provisioner)" "$STATE/block-provisioner.kubeconfig" "$STATE/block" /var/lib/kubevirt-volumes/block
manifest shared-storage | kube apply -f - >/dev/null
