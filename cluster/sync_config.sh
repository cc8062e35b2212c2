#!/usr/bin/env bash
# Collects kubeconfig and kubectl of the master into cluster/.config, which git ignores: from the local cluster's folder
# when that cluster is here, else from the machine "master1" of the Vagrant environment. cluster/kubectl.sh uses them.
set -euo pipefail
# shellcheck source=lib/common.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib/common.sh"
target=$ROOT/cluster/.config
work=$(mktemp -d "${TMPDIR:-/tmp}/config.XXXXXX"); trap 'rm -rf "$work"' EXIT

if [ -e "$STATE/cluster" ]; then
  from="the local cluster"
  [ -r "$LOCAL_KUBECONFIG" ] || die "$LOCAL_KUBECONFIG cannot be read" "run it with sudo"
  cp "$LOCAL_KUBECONFIG" "$work/kubeconfig"
  cp -L "$BIN/kubectl" "$work/kubectl"
elif [ -d "$ROOT/.vagrant/machines/master1" ]; then
  from="the virtual machine master1"
  command -v vagrant >/dev/null || die "vagrant is missing" "install the package vagrant"
  (cd "$ROOT" && vagrant ssh-config master1) >"$work/ssh" || die "master1 does not answer" "start it with vagrant up"
  # Both are root's there; sudo cat needs no copy that others could read.
  ssh -F "$work/ssh" master1 "sudo cat '$LOCAL_KUBECONFIG'" >"$work/kubeconfig"
  ssh -F "$work/ssh" master1 "sudo cat \$(readlink -f '$BIN/kubectl')" >"$work/kubectl"
else
  die "there is no cluster to collect from" "run cluster/up.sh or vagrant up first"
fi

mkdir -p "$target"
install -m 600 "$work/kubeconfig" "$target/kubeconfig"
install -m 755 "$work/kubectl" "$target/kubectl"
# With sudo, what was collected is for the user who asked.
[ -z "${SUDO_UID:-}" ] || chown -R "$SUDO_UID:${SUDO_GID:-$SUDO_UID}" "$target"
step "collected kubeconfig and kubectl from $from into cluster/.config"
