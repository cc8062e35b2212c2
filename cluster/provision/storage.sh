#!/usr/bin/env bash
# The storage classes: "local" (the default) and "shared" over folders.
set -euo pipefail
MACHINE=${MACHINE:-haproxy}
# shellcheck source=lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
manifest storage | kube apply -f - >/dev/null
