#!/usr/bin/env bash
# CoreDNS, and the API's own endpoints.
set -euo pipefail
MACHINE=${MACHINE:-haproxy}
# shellcheck source=lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
manifest api | kube apply -f - >/dev/null
manifest dns | kube apply -f - >/dev/null
