#!/usr/bin/env bash
# On a virtual machine: puts what the host made in place and runs one provisioning script of cluster/provision.
#   run.sh MACHINE SCRIPT
set -euo pipefail
MACHINE=$1 script=$2
export MACHINE NODES MASTERS DEBIAN_FRONTEND=noninteractive
scripts=/opt/kubevirt/cluster made=/opt/kubevirt/made state=/var/lib/kubevirt-local cache=/var/cache/kubevirt-local

setup() {
  install -d -m 711 $state
  install -d $cache $cache/bin $state/log
  rsync --archive --delete --chown=root:root $made/bin/ $cache/bin/ # replaces what runs without touching it
  # A node gets no key but its own; the master needs them all.
  install -d -m 700 $state/pki
  case $MACHINE in
    master*) cp -r --no-target-directory $made/state/pki $state/pki; cp $made/state/*.kubeconfig $state/ ;;
    node*)
      cp $made/state/pki/ca.crt "$made/state/pki/$MACHINE.crt" "$made/state/pki/$MACHINE.key" $state/pki/
      cp "$made/state/$MACHINE.kubeconfig" $made/state/proxy.kubeconfig $state/ ;;
  esac
  chown -R root:root $state $cache
}

# addresses: ha-proxy's, etcd's and the registry's, on the interface that has the master's own; again at each boot.
addresses() {
  local device
  device=$(ip -o -4 addr show to 192.168.200.0/24 | awk '{ print $2; exit }')
  [ -n "$device" ] || { echo "error: master1 has no address in 192.168.200.0/24" >&2; exit 1; }
  cat >/etc/systemd/system/kubevirt-local-addresses.service <<UNIT
[Unit]
Description=kubevirt local cluster: addresses of ha-proxy, etcd and the registry
After=network-online.target
Wants=network-online.target
[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=/bin/sh -c 'for a in 2 3 100; do ip addr replace 192.168.200.\$a/24 dev $device; done'
[Install]
WantedBy=multi-user.target
UNIT
  systemctl daemon-reload
  systemctl enable --quiet --now kubevirt-local-addresses
}

# label: the roles of this node, given with the administrator's key, which then leaves the node with all other keys.
label() {
  local end=$((SECONDS + 120)) kubectl="$cache/bin/kubectl --kubeconfig=$made/state/admin.kubeconfig --request-timeout=5s"
  until $kubectl get node "$MACHINE" >/dev/null 2>&1; do
    [ $SECONDS -lt $end ] || { echo "error: $MACHINE did not register within 120 s; see $state/log on it" >&2; exit 1; }
    sleep 1
  done
  $kubectl label --overwrite node "$MACHINE" node-role.kubernetes.io/worker= >/dev/null
  [ "$MACHINE" != node1 ] || $kubectl label --overwrite node node1 node-role.kubernetes.io/control-plane= >/dev/null
  rm -rf $made/state
}

case $script in
  setup) setup ;;
  addresses) addresses ;;
  label) label ;;
  *) exec bash $scripts/provision/"$script".sh ;;
esac
