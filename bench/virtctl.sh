#!/usr/bin/env bash
# Measures virtctl as it is published: its size, and how long it takes to start, beside kubectl and upstream's virtctl on the same
# machine. `make bench` runs it; it needs no cluster.
#
#   bench/virtctl.sh [--check] [--runs N]
#
# Each program prints its own version, in turn, so that the machine's noise falls on all alike; the figures are medians. The gates
# are a size and ratios. --check fails when one is missed.
set -euo pipefail
# shellcheck source=../cluster/lib/common.sh
. "$(dirname "${BASH_SOURCE[0]}")/../cluster/lib/common.sh"
check='' runs=51
while [ $# -gt 0 ]; do
  case $1 in
    --check) check=1 ;;
    --runs) runs=${2:?}; shift ;;
    *) die "unknown option $1" "usage: bench/virtctl.sh [--check] [--runs N]" ;;
  esac
  shift
done
packages jq python3
cd "$ROOT"
step "building virtctl for publication (about 3 min when it is not there yet)"
cargo build --quiet --release -p virtctl
ours=${CARGO_TARGET_DIR:-$CACHE/target}/release/virtctl
cluster/tools/build.sh
cluster/tools/build.sh upstream-virtctl
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

python3 - "$runs" "$ours" "$BIN/kubectl" "$CACHE/upstream-virtctl/virtctl" >"$scratch/figures" <<'PY'
import json, os, statistics, subprocess, sys, time
runs, ours, kubectl, upstream = int(sys.argv[1]), *sys.argv[2:]
lines = {
    "virtctl version --client": [ours, "version", "--client"],
    "virtctl --help": [ours, "--help"],
    "kubectl version --client": [kubectl, "version", "--client"],
    "upstream's virtctl version --client": [upstream, "version", "--client"],
}
taken = {name: [] for name in lines}
for _ in range(runs):
    for name, line in lines.items():
        begin = time.perf_counter()
        subprocess.run(line, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env={"HOME": "/nonexistent", "PATH": os.environ["PATH"]})
        taken[name].append((time.perf_counter() - begin) * 1000)
print(json.dumps({
    "milliseconds": {name: statistics.median(values) for name, values in taken.items()},
    "bytes": {name: os.stat(path).st_size for name, path in (("virtctl", ours), ("kubectl", kubectl), ("upstream's virtctl", upstream))},
}))
PY

echo
echo "| start-up, median of $runs | ms |"
echo "|---|---|"
jq -r '.milliseconds | to_entries[] | "| \(.key) | \(.value * 10 | round / 10) |"' "$scratch/figures"
echo
echo "| size | MB |"
echo "|---|---|"
jq -r '.bytes | to_entries[] | "| \(.key) | \(.value / 100000 | round / 10) |"' "$scratch/figures"
echo
missed=0
gate() { # gate WHAT VALUE LIMIT
  if awk -v v="$2" -v l="$3" 'BEGIN { exit !(v <= l) }'; then echo "met     $1: $2 <= $3"; else echo "MISSED  $1: $2 > $3"; missed=1; fi
}
gate "size of virtctl (MB)" "$(jq '.bytes.virtctl / 100000 | round / 10' "$scratch/figures")" 10
gate "start-up against kubectl's" "$(jq '.milliseconds["virtctl version --client"] / .milliseconds["kubectl version --client"] * 100 | round / 100' "$scratch/figures")" 0.5
gate "start-up against upstream's virtctl" "$(jq '.milliseconds["virtctl version --client"] / .milliseconds["upstream'"'"'s virtctl version --client"] * 100 | round / 100' "$scratch/figures")" 0.5
[ -z "$check" ] || [ $missed = 0 ]
