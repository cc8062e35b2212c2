#!/usr/bin/env bash
# Checks of the cluster's own files: shell scripts, Go programs, the Vagrantfile. Needs no cluster.
set -euo pipefail
# shellcheck source=lib/common.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib/common.sh"
packages shellcheck vagrant

step "shellcheck"
find "$ROOT/cluster" -name '*.sh' -not -path '*/.config/*' -print0 | xargs -0 shellcheck -x

step "gofmt and go vet"
unformatted=$(gofmt -l "$ROOT/cluster/tools")
[ -z "$unformatted" ] || die "not formatted: $unformatted" "run gofmt -w on them"
for module in machine-init pause coredns block-provisioner; do
  (cd "$ROOT/cluster/tools/$module" && CGO_ENABLED=0 go vet -trimpath .) || die "go vet found faults in cluster/tools/$module"
done

step "vagrant validate"
# No provider is needed to check the file; vagrant keeps its own data out of the user's home.
data=$(mktemp -d "${TMPDIR:-/tmp}/vagrant.XXXXXX"); trap 'rm -rf "$data"' EXIT
(cd "$ROOT" && VAGRANT_HOME=$data VAGRANT_DOTFILE_PATH=$data/dot VAGRANT_CHECKPOINT_DISABLE=1 vagrant validate --ignore-provider) >&2
step "cluster checks passed"
