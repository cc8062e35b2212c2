#!/usr/bin/env bash
# Writes the generated files anew from the Rust sources. With --check it changes nothing and fails when one is stale.
set -euo pipefail
# shellcheck source=lib/common.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib/common.sh"
cd "$ROOT"
fresh=$(mktemp)
trap 'rm -f "$fresh"' EXIT
check=''
[ "${1:-}" != --check ] || check=1

# generated FILE WHAT-SAYS-SO PACKAGE EXAMPLE: the file is what the example of the package prints.
generated() {
  cargo run --quiet -p "$3" --example "$4" >"$fresh"
  if [ -n "$check" ]; then
    cmp -s "$fresh" "$1" || die "$1 is not what $2 says" "run: make manifests"
  else
    cp "$fresh" "$1"
  fi
}
generated manifests/crds.yaml "the types of crates/api" kubevirt-api crds
generated docs/not-acted-on.md "the list of crates/core/src/not_acted_on" kubevirt-core not_acted_on
