#!/usr/bin/env bash
# Checks of what is not Rust: every shell script of this checkout, the cluster's Go programs, the Vagrantfile. Needs no cluster.
#
#   cluster/check.sh [shell|go|vagrant]...     all of them when none is named
set -euo pipefail
# shellcheck source=lib/common.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib/common.sh"
cd "$ROOT"

check_shell() {
  local scripts
  packages shellcheck
  # Those that git knows or will know: programs with a shell's first line, and parts that are sourced.
  mapfile -t scripts < <(git ls-files --cached --others --exclude-standard | while read -r file; do
    if [ -f "$file" ] && head -n 1 "$file" | tr -d '\0' | grep -qE '^#!.*(bash|/sh)|^# shellcheck shell='; then printf '%s\n' "$file"; fi
  done)
  [ ${#scripts[@]} -gt 0 ] || die "no shell script was found" "run this in a git checkout"
  shellcheck -x "${scripts[@]}"
}

check_go() {
  local unformatted module
  command -v go >/dev/null || die "the Go toolchain is missing" "install Go and put it on PATH"
  unformatted=$(gofmt -l cluster/tools)
  [ -z "$unformatted" ] || die "not formatted: $unformatted" "run gofmt -w on them"
  for module in cluster/tools/*/main.go; do
    module=${module%/main.go}
    (cd "$module" && CGO_ENABLED=0 go vet -trimpath .) || die "go vet found faults in $module"
  done
}

check_vagrant() (
  packages vagrant
  # No provider is needed to check the file; vagrant keeps its own data out of the user's home.
  data=$(mktemp -d "${TMPDIR:-/tmp}/vagrant.XXXXXX"); trap 'rm -rf "$data"' EXIT
  VAGRANT_HOME=$data VAGRANT_DOTFILE_PATH=$data/dot VAGRANT_CHECKPOINT_DISABLE=1 vagrant validate --ignore-provider
)

[ $# -gt 0 ] || set -- shell go vagrant
for part; do
  case $part in
    shell | go | vagrant) step "checking: $part"; "check_$part" ;;
    *) die "there is no check $part" "usage: cluster/check.sh [shell|go|vagrant]..." ;;
  esac
done
step "cluster checks passed"
