#!/usr/bin/env bash
# Kills one of the local cluster's kube-apiservers with SIGKILL, or tells whether it is ready.
#   tests/kill-apiserver.sh master1          tests/kill-apiserver.sh --ready master1
set -euo pipefail
# shellcheck source=../cluster/lib/common.sh
. "$(dirname "${BASH_SOURCE[0]}")/../cluster/lib/common.sh"
# shellcheck source=../cluster/lib/addresses.sh
. "$ROOT/cluster/lib/addresses.sh"
# shellcheck source=../cluster/local/machine.sh
. "$ROOT/cluster/local/machine.sh"
if [ "${1:-}" = --ready ]; then
  # Asked directly, not through ha-proxy.
  exec "$ROOT/cluster/kubectl.sh" --server "https://$(address_of "${2:?a master}"):$API_PORT" --request-timeout=2s get --raw /readyz
fi
# The script is for the shell in the machine.
# shellcheck disable=SC2016
machine_run "${1:?a master}" sh -c 'for p in /proc/[0-9]*; do [ "$(cat "$p/comm")" != kube-apiserver ] || kill -9 "${p#/proc/}"; done'
