#!/usr/bin/env bash
# Writes the generated manifests anew from the Rust types. With --check it changes nothing and fails when one is stale.
set -euo pipefail
# shellcheck source=lib/common.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib/common.sh"
cd "$ROOT"
fresh=$(mktemp)
trap 'rm -f "$fresh"' EXIT
cargo run --quiet -p kubevirt-api --example crds >"$fresh"
if [ "${1:-}" = --check ]; then
  cmp -s "$fresh" manifests/crds.yaml || die "manifests/crds.yaml is not what the types say" "run: make manifests"
else
  cp "$fresh" manifests/crds.yaml
fi
