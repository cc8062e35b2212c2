# shellcheck shell=bash
# The network between the machines: a bridge on this computer with the way out. Source it after machine.sh.
# What is added to iptables carries this comment, by which it is found and removed.
RULE_MARK=kubevirt-local

bridge_up() {
  local n
  if ! ip link show "$BRIDGE" >/dev/null 2>&1; then
    ip link add "$BRIDGE" type bridge
  fi
  ip addr replace "$GATEWAY/24" dev "$BRIDGE"
  ip link set "$BRIDGE" up
  for n in $(seq "$1"); do ip route replace "$(pod_range_of "node$n")" via "$(address_of "node$n")" dev "$BRIDGE"; done
  # The way out needs forwarding; what it was is kept for down.sh.
  if [ "$(cat /proc/sys/net/ipv4/ip_forward)" != 1 ]; then
    echo 0 >"$STATE/ip_forward.before"
    echo 1 >/proc/sys/net/ipv4/ip_forward || die "ip forwarding cannot be switched on" "run: sysctl net.ipv4.ip_forward=1"
  fi
  rules -C 2>/dev/null || { rules -D 2>/dev/null || true; rules -A || die "iptables refused the cluster's rules" "the kernel needs nat and the matches comment and set-less addresses"; }
}

bridge_down() {
  local i
  ip link del "$BRIDGE" 2>/dev/null || true
  for ((i = 0; i < 5; i++)); do rules -D 2>/dev/null || break; done
  if [ -f "$STATE/ip_forward.before" ]; then
    cat "$STATE/ip_forward.before" >/proc/sys/net/ipv4/ip_forward || true
    rm -f "$STATE/ip_forward.before"
  fi
}

# rules -A|-C|-D: machines and pods reach what is outside under this computer's address, and are let through.
rules() {
  local failed=0
  iptables -w 10 -t nat "$1" POSTROUTING -s "$NETWORK.0/24" ! -o "$BRIDGE" -m comment --comment $RULE_MARK -j MASQUERADE || failed=1
  iptables -w 10 "$1" FORWARD -i "$BRIDGE" -m comment --comment $RULE_MARK -j ACCEPT || failed=1
  iptables -w 10 "$1" FORWARD -o "$BRIDGE" -m comment --comment $RULE_MARK -j ACCEPT || failed=1
  return $failed
}
