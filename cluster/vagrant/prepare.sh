#!/usr/bin/env bash
# On the computer that runs vagrant, before the machines boot: builds the programs and makes the keys.
#   prepare.sh FOLDER NODES     leaves FOLDER/bin and FOLDER/state
set -euo pipefail
made=$1 NODES=$2
export NODES MASTERS=1 KUBEVIRT_STATE=$made/state
# shellcheck source=../lib/common.sh
. "$(dirname "${BASH_SOURCE[0]}")/../lib/common.sh"
mkdir -p "$made/bin" "$STATE"
[ -w "$CACHE" ] || mkdir -p "$CACHE" 2>/dev/null || die "$CACHE is not writable" "set KUBEVIRT_CACHE to a folder of yours"
"$ROOT/cluster/tools/build.sh"
for program in "$BIN"/*; do
  cmp -s "$program" "$made/bin/${program##*/}" || cp -L "$program" "$made/bin/"
done
PATH=$BIN:$PATH MACHINE=haproxy "$ROOT/cluster/provision/certificates.sh"
