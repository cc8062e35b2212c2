# shellcheck shell=bash
# What every script of this checkout shares: where things are, how progress and errors are told.
# Source it; it sets `set -euo pipefail` and defines the variables and functions below.
#
#   ROOT   this checkout
#   CACHE  what is expensive to make and keyed by its inputs: Kubernetes' binaries, root file systems, guests,
#          compiled crates. Shared by every checkout on the machine, safe to delete when nothing runs.
#   STATE  the running local cluster: keys, etcd, containerd, logs. One per machine, as it owns 192.168.200.0/24.
set -euo pipefail

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
CACHE=${KUBEVIRT_CACHE:-/var/cache/kubevirt-local}
STATE=${KUBEVIRT_STATE:-/var/lib/kubevirt-local}
LOGS=$STATE/log
BIN=$CACHE/bin                                  # kube-*, kubectl, containerd, ctr, coredns, ... (links into versioned folders)
LOCAL_KUBECONFIG=$STATE/admin.kubeconfig        # points at ha-proxy alone
REGISTRY_ADDRESS=192.168.200.3:5000             # the local registry, as this machine reaches it
REGISTRY_NAME=registry:5000                     # the same registry, as nodes and manifests name it
export CARGO_TARGET_DIR=${CARGO_TARGET_DIR:-$CACHE/target}

# Progress: one line per step with the time since the script began. Quiet detail goes to log files.
_begin=${KUBEVIRT_BEGIN:-$(date +%s)}; export KUBEVIRT_BEGIN=$_begin
step() { printf '[%3ds] %s\n' "$(( $(date +%s) - _begin ))" "$*" >&2; }

# die WHAT [REMEDY]: the first line says what is wrong, the second what to do.
die() { printf 'error: %s\n' "$1" >&2; [ -z "${2:-}" ] || printf '       %s\n' "$2" >&2; exit 1; }

need_root() { [ "$(id -u)" = 0 ] || die "$1 needs root" "run it with sudo, or as root"; }

# wait_for SECONDS WHAT COMMAND...: polls until the command succeeds; dies naming WHAT after the time-out.
wait_for() {
  local limit=$1 what=$2 end; shift 2; end=$(( $(date +%s) + limit ))
  until "$@" >/dev/null 2>&1; do
    [ "$(date +%s)" -lt "$end" ] || die "$what did not happen within ${limit}s" "see the logs in $LOGS"
    sleep 0.2
  done
}

# packages NAME...: installs the Debian packages that are missing, and does nothing (in milliseconds) when none is.
packages() {
  local missing=() p
  for p; do dpkg-query -W -f '${Status}' "$p" 2>/dev/null | grep -q 'ok installed' || missing+=("$p"); done
  [ ${#missing[@]} -gt 0 ] || return 0
  need_root "installing ${missing[*]}"
  step "installing Debian packages: ${missing[*]}"
  mkdir -p "$CACHE"
  exec 8>"$CACHE/apt.lock"; flock 8
  local log=$CACHE/apt.log
  apt-get update >"$log" 2>&1 || true
  # Debian starts a package's services on installation; a policy of 101 forbids it while we install.
  local policy=/usr/sbin/policy-rc.d made=
  [ -e $policy ] || { printf '#!/bin/sh\nexit 101\n' >$policy; chmod +x $policy; made=1; }
  local ok=1
  DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "${missing[@]}" >>"$log" 2>&1 || ok=
  [ -z "$made" ] || rm -f $policy
  exec 8>&-
  [ -n "$ok" ] || die "apt-get could not install: ${missing[*]}" "see $log"
}

# inputs_key FILE-OR-STRING...: a short hash that changes when one of the inputs does; names cache entries.
inputs_key() { local a; for a; do if [ -f "$a" ]; then sha256sum <"$a"; else printf '%s\n' "$a"; fi; done | sha256sum | cut -c1-16; }

# keep_used PART FOLDER: notes that FOLDER, $CACHE/PART-KEY, is used now, and removes what the part has under older keys but the
# one that was used last before. What was used within the hour stays as well: another checkout may be at it.
keep_used() {
  touch -c "$2"
  find "$CACHE" -maxdepth 1 -type d -regextype posix-extended -regex ".*/$1-[0-9a-f]{16}" -printf '%T@ %p\n' | sort -rn | tail -n +3 | cut -d' ' -f2- \
    | while read -r folder; do find "$folder" -maxdepth 0 -mmin +60 -exec rm -rf --one-file-system {} +; done
}
