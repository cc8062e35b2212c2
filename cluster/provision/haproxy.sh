#!/usr/bin/env bash
# ha-proxy in front of the masters. A master that does not answer /readyz leaves within 0.6 s, its connections are
# cut so that clients come again at once, and a connection that is refused goes to the next master right away.
set -euo pipefail
# shellcheck source=lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
packages haproxy

configuration() {
  local n
  cat <<E2
global
  maxconn 4000
  nbthread 1
defaults
  mode tcp
  timeout connect 1s
  timeout client 2h
  timeout server 2h
  timeout check 1s
  retries 4
  option redispatch 1
  option clitcpka
frontend api
  bind $HAPROXY_ADDRESS:$API_PORT
  default_backend masters
backend masters
  balance leastconn
  option httpchk
  http-check send meth GET uri /readyz ver HTTP/1.1 hdr Host ha-proxy
  http-check expect status 200
  default-server check check-ssl verify required ca-file $PKI/ca.crt inter 300ms fall 2 rise 1 on-marked-down shutdown-sessions
E2
  for n in $(seq "$MASTERS"); do echo "  server master$n $(address_of "master$n"):$API_PORT"; done
}

keep "$STATE/haproxy.cfg" "$(configuration)"
# The checksum makes a changed configuration a changed command, so that the service is restarted.
service haproxy env "CONFIGURATION=$(inputs_key "$STATE/haproxy.cfg")" "$(program haproxy)" -db -f "$STATE/haproxy.cfg"
