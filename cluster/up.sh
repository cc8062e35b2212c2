#!/usr/bin/env bash
# Starts real Kubernetes on this computer: two masters behind ha-proxy on 192.168.200.2, a registry, and N nodes, each in
# namespaces of its own. Run it again at any time: it resumes, repairs, or says within a second that all is well.
set -euo pipefail
# shellcheck source=lib/common.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib/common.sh"
for part in lib/addresses local/machine local/bridge local/preflight local/teardown local/health; do
  # shellcheck source=/dev/null
  . "$ROOT/cluster/$part.sh"
done

usage() {
  cat <<E2
usage: cluster/up.sh [--nodes N] [--fresh]
  --nodes N   how many nodes, 1 to $MOST_NODES (default: as many as the cluster has, else 2)
  --fresh     throw away what an earlier cluster stored: workloads, volumes, keys
Files: the cluster is in $STATE, its logs in $LOGS, what was built in $CACHE.
E2
}

NODES='' FRESH='' MASTERS=2
while [ $# -gt 0 ]; do
  case $1 in
    --nodes) NODES=${2:-}; shift ;;
    --nodes=*) NODES=${1#*=} ;;
    --fresh) FRESH=1 ;;
    -h|--help) usage; exit 0 ;;
    *) die "unknown option $1" "cluster/up.sh --help lists the options" ;;
  esac
  shift
done
[ -n "$NODES" ] || NODES=$(awk '{ print $NF }' "$STATE/cluster" 2>/dev/null || true)
NODES=${NODES:-2}
if ! [[ $NODES =~ ^[1-9][0-9]*$ ]] || [ "$NODES" -gt "$MOST_NODES" ]; then die "--nodes $NODES is not a number from 1 to $MOST_NODES"; fi
export NODES MASTERS PATH=$BIN:$PATH
unset KUBECONFIG

machines() { echo etcd; seq -f 'master%g' "$MASTERS"; echo haproxy; echo registry; seq -f 'node%g' "$NODES"; }

# What is recorded of a cluster: what its machines are, what runs on them, how many nodes. When the first is another
# than this checkout would make, the cluster is replaced; a change of the others is made in place.
machines_key() { inputs_key "$ROOT"/cluster/local/{machine,bridge,setup-mounts}.sh "$ROOT/cluster/lib/addresses.sh" "$(readlink -f "$BIN/machine-init")"; }
services_key() { inputs_key "$ROOT"/cluster/provision/*.sh "$ROOT"/cluster/manifests/*.yaml "$(readlink -f "$BIN"/*)"; }

STARTED=() # nodes that were dead
start_machines() {
  local name
  bridge_up "$NODES"
  for name in $(machines); do
    [[ $name != node* ]] || machine_is_alive "$name" || STARTED+=("$name")
    machine_start "$name"
    provision "$name" network
  done
}

control_plane() {
  provision etcd etcd
  provision haproxy haproxy
  provision registry registry
  for n in $(seq "$MASTERS"); do provision "master$n" master; done
  if ! waits 45 etcd_answers; then
    # Only a power cut does this: etcd runs without fsync.
    step "etcd does not start from what is stored; setting that aside as $STATE/etcd.damaged and starting with an empty store"
    machine_remove etcd
    rm -rf "$STATE/etcd.damaged"
    [ ! -d "$STATE/etcd" ] || mv "$STATE/etcd" "$STATE/etcd.damaged"
    machine_start etcd
    provision etcd network etcd
    wait_for 30 "etcd's answer" etcd_answers
  fi
  wait_for 90 "an answer of the API server through ha-proxy" api_answers
}

# side WHAT COMMAND...: runs a part at the side of others; sides waits for all and stops at the first that failed.
declare -A sides
side() { local what=$1; shift; "$@" & sides[$!]=$what; }
wait_sides() {
  local pid
  for pid in "${!sides[@]}"; do wait "$pid" || die "${sides[$pid]} failed" "the reason stands above; logs are in $LOGS"; done
  sides=()
}

main() {
  local n before images since
  need_root "the local cluster"
  disk_free
  machines_live || preflight
  mkdir -p "$STATE" "$LOGS" "$MACHINES"
  chmod 711 "$STATE"
  exec 9>"$STATE/lock"
  flock -n 9 || { step "another cluster/up.sh or down.sh is at work; waiting for it"; flock -w 1800 9 || die "the other run did not end within 30 min" "see who holds $STATE/lock: fuser $STATE/lock"; }
  packages etcd-server runc containernetworking-plugins haproxy docker-registry iptables conntrack nftables skopeo \
    busybox-static ethtool curl jq openssl iproute2 procps util-linux e2fsprogs
  "$ROOT/cluster/tools/build.sh" 9>&-

  local wanted; wanted="$(machines_key) $(services_key) $NODES"
  before=$(cat "$STATE/cluster" 2>/dev/null || true)
  if [ -z "$FRESH" ] && [ "$before" = "$wanted" ] && healthy; then
    step "the cluster is up already: $MASTERS masters, $NODES nodes, all ready"
    return
  fi
  if [ -n "$FRESH" ] || { [ -n "$before" ] && [ "${before%% *}" != "${wanted%% *}" ]; } || foreign; then
    step "replacing the cluster that is there${FRESH:+, with all it stored}"
    teardown
    [ -z "$FRESH" ] || wipe
  fi
  # Machines of a larger cluster, and what killed runs left.
  for n in $(comm -23 <(machines_left) <(machines | sort)); do machine_remove "$n"; done
  any_node_lives || loops_detach

  echo "$wanted" >"$STATE/cluster" # what the machines are made from; whether they are well is asked, not recorded
  if machines_live; then step "the cluster runs; applying what changed (about 10 s)"
  else step "starting the masters, ha-proxy and the registry (about 10 s)"; fi
  MACHINE=haproxy "$ROOT/cluster/provision/certificates.sh"
  since=$(date +%s)
  start_machines
  images & images=$!
  control_plane
  step "the API answers at https://$HAPROXY_ADDRESS:$API_PORT; now the nodes (about 15 s)"
  for n in $(seq "$NODES"); do side "node$n" provision "node$n" node; done
  wait $images || die "the registry's images could not be made" "the reason stands above; logs are in $LOGS"
  side "the name service" "$ROOT/cluster/provision/dns.sh"
  side "storage" "$ROOT/cluster/provision/storage.sh"
  side "shared storage" provision master1 shared-storage
  side "the nodes' labels" "$ROOT/cluster/provision/labels.sh"
  wait_sides
  wait_for 90 "readiness of all nodes" nodes_are_ready "$since" "${STARTED[@]}"
  forget_nodes
  step "nodes are ready; waiting for the name service and storage"
  wait_for 90 "the start of CoreDNS and local-path-provisioner" add_ons_are_ready
  step "the cluster is up: $MASTERS masters, $NODES nodes. Try: cluster/kubectl.sh get nodes"
}

any_node_lives() { local n; for n in $(seq "$NODES"); do ! machine_is_alive "node$n" || return 0; done; return 1; }

# forget_nodes: a larger cluster's nodes are gone for good, and with them their pods.
forget_nodes() {
  local name
  for name in $(kube get nodes -o 'jsonpath={.items[*].metadata.name}'); do
    machines | grep -qx "$name" || kube delete node "$name" >/dev/null
  done
}

# What runs at the side ends with this script: the shell makes it deaf to Ctrl-C.
# shellcheck disable=SC2046
trap 'kill $(jobs -p) 2>/dev/null; echo >&2; die "interrupted" "run cluster/up.sh again to go on"' INT TERM

images() {
  wait_for 20 "an answer of the registry" curl -sf --max-time 2 "http://$REGISTRY_ADDRESS/v2/"
  MACHINE=haproxy "$ROOT/cluster/provision/images.sh"
}
main
