#!/usr/bin/env bash
# `make demo`: from a bare machine to the serial console of a virtual machine on real Kubernetes.
#
#   cluster/demo.sh [--no-console]    stops at the login prompt instead of handing the console over (for scripts)
set -euo pipefail
# shellcheck source=lib/common.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib/common.sh"
# shellcheck source=packages.sh
. "$ROOT/cluster/packages.sh"
cd "$ROOT"
need_root "make demo"
command -v cargo >/dev/null || die "cargo was not found" "install Rust $(sed -n 's/^channel = "\(.*\)"/\1/p' rust-toolchain.toml) with rustup"
command -v go >/dev/null || die "go was not found" "install the Go toolchain: Kubernetes is built from its Go modules"
interactive=1
[ "${1:-}" != --no-console ] || interactive=''

cat >&2 <<'TEXT'
What happens now, and about how long it takes on two cores: the first time / afterwards
  1. real Kubernetes: built from its Go modules, started on this machine     15 min / 1 s
  2. KubeVirt: compiled and put into images, while Kubernetes is built       (beside) / 10 s
  3. a virtual machine: from manifest to login prompt                        15 s / 15 s
It may be interrupted at any time; the next run goes on where this one stopped.

TEXT
mkdir -p "$CACHE"
build_packages
log=$CACHE/demo-build.log
step "1+2: building KubeVirt in the background (log: $log)"
cluster/sync.sh --build-only >"$log" 2>&1 & build=$!
trap 'kill "$build" 2>/dev/null || true' EXIT
cluster/up.sh
step "2: waiting for the build of KubeVirt"
wait "$build" || { tail -n 30 "$log" >&2; die "KubeVirt could not be built" "the whole log is $log"; }
trap - EXIT
cluster/sync.sh
step "3: applying examples/vm.yaml"
cluster/kubectl.sh apply -f examples/vm.yaml >&2
virtctl=$CARGO_TARGET_DIR/debug/virtctl
export KUBECONFIG=${KUBECONFIG:-$LOCAL_KUBECONFIG}
step "the virtual machine boots; log in as root with the password guest, leave the console with Ctrl+] (Enter shows the prompt of a guest that runs already)"
if [ -n "$interactive" ] && [ -t 0 ] && [ -t 1 ]; then
  exec "$virtctl" console demo
fi
# Without a terminal: show the boot until the login prompt, which is the proof. Enter now and then: a guest that runs already prints
# its prompt only when asked.
{ while sleep 3; do echo; done; } | "$virtctl" console demo 2>/dev/null >"$CACHE/demo-console.log" & console=$!
trap 'kill "$console" 2>/dev/null || true' EXIT
wait_for 180 "the login prompt of the virtual machine demo" grep -q 'login:' "$CACHE/demo-console.log"
cat "$CACHE/demo-console.log"
echo
step "the guest is at its login prompt. Try: $virtctl console demo"
