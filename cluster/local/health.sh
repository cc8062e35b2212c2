# shellcheck shell=bash
# Questions about a cluster that is up, each answered within seconds. Source it after machine.sh.

kube() { "$BIN/kubectl" --kubeconfig="$LOCAL_KUBECONFIG" --request-timeout=5s "$@"; }

# waits SECONDS COMMAND...: like wait_for, but fails instead of ending the script.
waits() {
  local end=$(( $(date +%s) + $1 )); shift
  until "$@" >/dev/null 2>&1; do [ "$(date +%s)" -lt "$end" ] || return 1; sleep 0.2; done
}

etcd_answers() {
  curl -sf --max-time 2 --cacert "$STATE/pki/etcd-ca.crt" --cert "$STATE/pki/etcd-client.crt" --key "$STATE/pki/etcd-client.key" \
    "https://$ETCD_ADDRESS:2379/health" | grep -q '"true"'
}
api_answers() { kube get --raw /readyz; }
master_answers() { curl -sf --max-time 2 --cacert "$STATE/pki/ca.crt" "https://$(address_of "$1"):$API_PORT/readyz"; }

# nodes_are_ready [SINCE NODE...]: every node is ready, and the nodes named have said so since then (seconds since
# 1970): what the API holds of a node that died a moment ago still reads as ready.
nodes_are_ready() {
  local since=${1:-0} answer name ready heartbeat n seen=' ' started; shift || true
  started=" $* "
  answer=$(kube get nodes -o 'jsonpath={range .items[*]}{.metadata.name}{" "}{.status.conditions[?(@.type=="Ready")].status}{" "}{.status.conditions[?(@.type=="Ready")].lastHeartbeatTime}{"\n"}{end}') || return 1
  while read -r name ready heartbeat; do
    [ "$ready" = True ] || continue
    if [[ $started = *" $name "* ]] && [ "$(date -d "$heartbeat" +%s)" -lt "$since" ]; then continue; fi
    seen+="$name "
  done <<<"$answer"
  for n in $(seq "$NODES"); do [[ $seen = *" node$n "* ]] || return 1; done
}

# add_ons_are_ready: the API says so, and every CoreDNS answers.
add_ons_are_ready() {
  local ready address addresses
  ready=$(kube get deployments -A -o 'jsonpath={range .items[*]}{.metadata.namespace}/{.metadata.name} {.status.readyReplicas}/{.spec.replicas}{"\n"}{end}') || return 1
  grep -qx 'kube-system/coredns 2/2' <<<"$ready" && grep -qx 'local-path-storage/local-path-provisioner 1/1' <<<"$ready" || return 1
  addresses=$(kube get pods -n kube-system -l k8s-app=kube-dns --field-selector=status.phase=Running -o 'jsonpath={range .items[*]}{.status.podIP}{"\n"}{end}') || return 1
  for address in $addresses; do curl -sf --max-time 2 "http://$address:8181/ready" >/dev/null || return 1; done
}

machines_live() {
  local name
  for name in $(machines); do machine_is_alive "$name" || return 1; done
}

# healthy: every machine lives and everything on it answers.
healthy() {
  local name
  machines_live || return 1
  for name in $(seq -f 'master%g' "$MASTERS"); do master_answers "$name" >/dev/null || return 1; done
  api_answers >/dev/null 2>&1 && nodes_are_ready 0 && add_ons_are_ready && curl -sf --max-time 2 "http://$REGISTRY_ADDRESS/v2/" >/dev/null
}

# foreign: machines run here that the records in $STATE do not name.
foreign() {
  local pid known
  known=" $(for f in "$MACHINES"/*/; do pid_of_machine "$(basename "$f")" || true; done | tr '\n' ' ') "
  for pid in $(stray_machines); do [[ $known = *" $pid "* ]] || return 0; done
  return 1
}
