#!/usr/bin/env bash
# Measures how long admission of an ordinary virtual machine takes under load. `make bench` runs it on the running cluster.
#
#   bench/admission.sh [--check] [--rate REVIEWS-PER-SECOND] [--count REVIEWS]
#
# A virtual machine as users write it (examples/vm.yaml, completed by the API server) is put to one virt-api at a fixed rate over
# eight TLS connections, in turn to the mutating and to the validating webhook. Two figures: what virt-api itself counted (from the
# review's bytes to the answer; that is the gate), and what the caller saw, TLS, HTTP and the wait for a free processor included,
# counted from when each question was due. The caller runs on the same processors. --check fails when the gate is missed.
set -euo pipefail
# shellcheck source=../cluster/lib/common.sh
. "$(dirname "${BASH_SOURCE[0]}")/../cluster/lib/common.sh"
kubectl=$ROOT/cluster/kubectl.sh
check='' rate=200 count=6000
while [ $# -gt 0 ]; do
  case $1 in
    --check) check=1 ;;
    --rate) rate=${2:?}; shift ;;
    --count) count=${2:?}; shift ;;
    *) die "unknown option $1" "usage: bench/admission.sh [--check] [--rate REVIEWS-PER-SECOND] [--count REVIEWS]" ;;
  esac
  shift
done
packages jq curl
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
limit=0.003

name=virt-api.kubevirt.svc
"$kubectl" -n kubevirt get configmap kubevirt-ca -o json | jq -r '.data["ca-bundle"]' >"$scratch/ca.pem"
address=$("$kubectl" -n kubevirt get pods -l kubevirt.io=virt-api -o json | jq -r '[.items[] | select(.metadata.deletionTimestamp == null and any(.status.conditions[]; .type == "Ready" and .status == "True"))][0].status.podIP // empty')
[ -n "$address" ] || die "there is no virt-api that is ready" "run: make sync"
# Under a name that nobody has.
"$kubectl" create --dry-run=client -f "$ROOT/examples/vm.yaml" -o json | jq --arg name "bench-$$" 'select(.kind == "VirtualMachine") | .metadata.name = $name' |
  "$kubectl" create --dry-run=server -f - -o json | jq 'del(.metadata.managedFields)' >"$scratch/object.json"

# reviews: the histogram's lines `LIMIT COUNT`, the count of all last.
reviews() {
  curl -sSf --max-time 10 --cacert "$scratch/ca.pem" --resolve "$name:8443:$address" "https://$name:8443/metrics" |
    sed -nE 's/^kubevirt_admission_review_duration_seconds_bucket\{.*le="([^"]+)".*\} ([0-9]+)$/\1 \2/p'
}
cd "$ROOT"
step "building the caller"
cargo build --quiet -p virt-api --example admission_load
load=${CARGO_TARGET_DIR:-$CACHE/target}/debug/examples/admission_load
ask() { # ask COUNT
  "$load" --address "$address:8443" --name "$name" --ca "$scratch/ca.pem" --object "$scratch/object.json" \
    --paths /virtualmachines-mutate,/virtualmachines-validate --rate "$rate" --connections 8 --count "$1"
}
ask 200 >/dev/null # the first ones pay for what is made once
step "$count reviews, $rate a second"
reviews >"$scratch/before"
ask "$count" >"$scratch/caller"
reviews >"$scratch/after"

# The share within the limit, and the bounds of the buckets that hold the median and the 99th percentile.
paste "$scratch/before" "$scratch/after" | awk -v limit=$limit '
  { bound[NR] = $1; n[NR] = $4 - $2 }
  END { all = n[NR]; if (!all) exit 1
    for (i = 1; i <= NR; i++) { if (bound[i] == limit + 0 || bound[i] == limit) within = n[i]
      if (!p50 && n[i] >= all / 2) p50 = bound[i]; if (!p99 && n[i] >= all * .99) p99 = bound[i] }
    printf "%d %s %s %.3f\n", all, p50, p99, 100 * within / all }' >"$scratch/server" || die "virt-api counted no reviews" "look at https://$name:8443/metrics"
read -r all p50 p99 within <"$scratch/server"
in_ms() { awk -v s="$1" 'BEGIN { if (s == "+Inf") print "more than 10"; else printf "at most %g", s * 1000 }'; }

echo
echo "| admission of an ordinary virtual machine, $rate reviews a second | P50 (ms) | P99 (ms) |"
echo "|---|---|---|"
echo "| virt-api's own figure, $all reviews | $(in_ms "$p50") | $(in_ms "$p99") |"
jq -r '"| seen by the caller, \(.answers) reviews (longest \(.most * 100 | round / 100)) | \(.p50 * 100 | round / 100) | \(.p99 * 100 | round / 100) |"' "$scratch/caller"
echo
if awk -v w="$within" 'BEGIN { exit !(w >= 99) }'; then echo "met     reviews within 3 ms (%): $within >= 99"; else
  echo "MISSED  reviews within 3 ms (%): $within < 99"; [ -z "$check" ]
fi
