#!/usr/bin/env bash
# On every machine: the other machines' names, and the way to every node's pods. Masters need the latter for
# webhooks and aggregated APIs, which the API server calls by pod address.
set -euo pipefail
# shellcheck source=lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

hosts() {
  local n
  printf '127.0.0.1 localhost\n%s %s\n' "$ADDRESS" "$MACHINE"
  printf '%s ha-proxy\n%s %s\n' "$HAPROXY_ADDRESS" "$(address_of registry)" "${REGISTRY_NAME%:*}"
  for n in $(seq "$MASTERS"); do echo "$(address_of "master$n") master$n"; done
  for n in $(seq "$NODES"); do echo "$(address_of "node$n") node$n"; done
}

keep /etc/hosts "$(hosts | awk '!seen[$0]++')"
[ "$(cat /proc/sys/net/ipv4/ip_forward)" = 1 ] || echo 1 >/proc/sys/net/ipv4/ip_forward
for n in $(seq "$NODES"); do
  [ "$MACHINE" = "node$n" ] || ip route replace "$(pod_range_of "node$n")" via "$(address_of "node$n")"
done
