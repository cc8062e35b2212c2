#!/usr/bin/env bash
# Measures what streams of guests cost beside the guest's own socket. `make bench` runs it; it needs no cluster.
#
#   bench/streams.sh [--check]
#
# A Unix socket stands for QEMU's. Bytes go from it over a WebSocket (virt-handler's part), TLS, a relay (virt-api's part) and TLS
# again to a client, all in one process. Then 1,000 clients stop reading without a word. --check fails when a gate is missed: the
# round trip at most 1 ms longer, 0.9 of the socket's rate at 16 MiB a second, and all 1,000 gone within 30 s.
set -euo pipefail
# shellcheck source=../cluster/lib/common.sh
. "$(dirname "${BASH_SOURCE[0]}")/../cluster/lib/common.sh"
check=''
while [ $# -gt 0 ]; do
  case $1 in
    --check) check=1 ;;
    *) die "unknown option $1" "usage: bench/streams.sh [--check]" ;;
  esac
  shift
done
packages jq
cd "$ROOT"
step "building"
cargo build --quiet -p virt-api --example streams_load
ulimit -n 16384
step "measuring"
result=$("${CARGO_TARGET_DIR:-$CACHE/target}/debug/examples/streams_load")

echo
jq -r 'def round2: . * 100 | round / 100;
  "| stream of a guest | its socket | through both servers |", "|---|---|---|",
  "| round trip, P50 (ms) | \(.round_trip_ms.raw | round2) | \(.round_trip_ms.stream | round2) |",
  "| guest that says 16 MiB/s (MiB/s) | \(.paced_mib_s.raw | round2) | \(.paced_mib_s.stream | round2) |",
  "| guest without bounds (MiB/s) | \(.bulk_mib_s.raw | round2) | \(.bulk_mib_s.stream | round2) |",
  "", "\(.half_closed.opened) clients that stopped reading: gone after \(.half_closed.seconds | round2) s; an idle stream takes \(.half_closed.kib_each | round2) KiB in both servers and the client together"' <<<"$result"
echo
missed=''
gate() { # gate WHAT JQ-CONDITION
  if jq -e "$2" <<<"$result" >/dev/null; then echo "met     $1"; else echo "MISSED  $1"; missed=1; fi
}
gate "round trip at most 1 ms longer than the socket's" '.round_trip_ms.stream - .round_trip_ms.raw <= 1'
gate "0.9 of the socket's rate at 16 MiB/s" '.paced_mib_s.stream >= 0.9 * .paced_mib_s.raw'
gate "1,000 half-closed streams gone within 30 s" '.half_closed.opened == 1000 and .half_closed.left == 0 and .half_closed.seconds <= 30'
gate "at most 256 KiB for an idle stream" '.half_closed.kib_each <= 256'
[ -z "$missed" ] || [ -z "$check" ]
