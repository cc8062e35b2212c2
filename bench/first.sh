#!/usr/bin/env bash
# Measures what one virtual machine, and ten at once, cost beside equal plain pods. `make bench` runs it on the running cluster.
#
#   bench/first.sh [--check]     --check fails when a gate of SPECIFICATION.md is missed
#
# Times come from the API servers' audit logs (microseconds, taken by the servers): from the answer to the creation to the answer
# to the write that says Running or Ready. An equal pod has the launcher's image and requests and just sleeps. The guest is a boot
# sector that halts, so that the times are KubeVirt's own. Both kinds are measured in the same run, one after the other.
set -euo pipefail
# shellcheck source=../cluster/lib/common.sh
. "$(dirname "${BASH_SOURCE[0]}")/../cluster/lib/common.sh"
kubectl=$ROOT/cluster/kubectl.sh
check=''
[ "${1:-}" != --check ] || check=1
packages jq
scratch=$(mktemp -d)
# Named in a file: they are made in subshells, whose variables end with them.
touch "$scratch/namespaces"
cleanup() { xargs -r "$kubectl" delete namespace --wait=false <"$scratch/namespaces" >/dev/null 2>&1 || true; rm -rf "$scratch"; }
trap cleanup EXIT

guest=$REGISTRY_NAME/kubevirt/guest-boot-sector:devel
guest_kib=65536
launcher=$("$kubectl" -n kubevirt get deployment virt-controller -o json | jq -r '.spec.template.spec.containers[0].env[] | select(.name == "VIRT_LAUNCHER_IMAGE").value')

new_namespace() { local n=bench-$1-$$; "$kubectl" create namespace "$n" >/dev/null; echo "$n" | tee -a "$scratch/namespaces"; }
vmi() {
  cat <<YAML
---
apiVersion: kubevirt.io/v1
kind: VirtualMachineInstance
metadata: {name: $1}
spec:
  terminationGracePeriodSeconds: 0
  domain:
    devices:
      disks: [{name: root, disk: {bus: virtio}}]
      interfaces: [{name: default, masquerade: {}}]
    resources: {requests: {memory: "${guest_kib}Ki"}}
  networks: [{name: default, pod: {}}]
  volumes: [{name: root, containerDisk: {image: "$guest"}}]
YAML
}
plain() {
  cat <<YAML
---
apiVersion: v1
kind: Pod
metadata: {name: $1}
spec:
  restartPolicy: Never
  automountServiceAccountToken: false
  enableServiceLinks: false
  containers: [{name: compute, image: "$launcher", command: [sh, -c, "trap 'exit 0' TERM; sleep 3600 & wait"], resources: {requests: {cpu: 100m, memory: 128Mi}}}]
YAML
}

# events NAMESPACE: the audit events of answers in a namespace, both masters', in order of time.
events() {
  cat "$LOGS"/audit-*.log | grep -F "\"namespace\":\"$1\"" | jq -c 'select(.stage == "ResponseComplete" and .responseStatus.code < 400)' | jq -s 'sort_by(.stageTimestamp)'
}
# The milliseconds between two RFC 3339 times.
def_ms='def at: (split(".") | (.[0] + "Z" | fromdate) * 1000 + ((.[1] // "0Z" | rtrimstr("Z") + "000000")[:6] | tonumber / 1000));'

# started EVENTS KIND: one line of milliseconds for each object, from its creation to the write that says it runs.
started() {
  jq -r --arg resource "$2" "$def_ms"'
    . as $all | [ .[] | select(.verb == "create" and .objectRef.resource == $resource and .objectRef.subresource == null and .objectRef.name != null and (.objectRef.name | test("^[pv][0-9]+$"))) ]
    | .[] | . as $c | ([ $all[] | select(.verb == "delete" and .objectRef.resource == $resource and .objectRef.name == $c.objectRef.name) ] | first | .stageTimestamp) as $gone
    | [ $all[] | select(.stageTimestamp < $gone and .objectRef.name == $c.objectRef.name and .objectRef.resource == $resource and .verb == "patch"
        and (if $resource == "pods" then (.user.username | startswith("system:node:")) and .objectRef.subresource == "status" else .user.username == "system:serviceaccount:kubevirt:kubevirt-handler" end)) ]
    | (if $resource == "pods" then last else first end) as $e | select($e != null) | (($e.stageTimestamp | at) - ($c.stageTimestamp | at)) | round' "$1"
}
# ended EVENTS KIND: from the deletion's answer to the answer to the last write about the object.
ended() {
  jq -r --arg resource "$2" "$def_ms"'
    . as $all | [ .[] | select(.verb == "delete" and .objectRef.resource == $resource and (.user.username | test("admin")) and (.objectRef.name | test("^[pv][0-9]+$"))) ]
    | .[] | . as $d | [ $all[] | select(.objectRef.name == $d.objectRef.name and .objectRef.resource == $resource and (.verb == "patch" or .verb == "delete")) ] | last
    | ((.stageTimestamp | at) - ($d.stageTimestamp | at)) | round' "$1"
}
median() { sort -n | awk '{ a[NR] = $1 } END { if (NR) print a[int((NR + 1) / 2)]; else print "-" }'; }
largest() { sort -n | tail -n 1; }

# round LABEL COUNT KIND: creates COUNT objects, waits until they run, deletes them, and leaves $scratch/LABEL.json.
round() {
  local label=$1 count=$2 kind=$3 letter=v make=vmi condition='jsonpath={.status.phase}=Running' i
  local n; n=$(new_namespace "$label")
  if [ "$kind" = pods ]; then letter=p make=plain condition=condition=Ready; fi
  for i in $(seq "$count"); do $make "$letter$i"; done >"$scratch/$label.yaml"
  "$kubectl" -n "$n" create -f "$scratch/$label.yaml" >/dev/null
  "$kubectl" -n "$n" wait "$kind" --all --for="$condition" --timeout=240s >/dev/null
  sleep 1 # lets the last events be written
  if [ "$label" = ten-vms ]; then processes "$n" >"$scratch/processes"; charges "$n" >"$scratch/charges"; fi
  "$kubectl" -n "$n" delete "$kind" --all --timeout=120s >/dev/null
  sleep 1
  events "$n" >"$scratch/$label.json"
}

# on_nodes SCRIPT ARGUMENT...: runs a shell script in virt-handler's pod of every node, which sees the node's processes.
on_nodes() {
  local pod script=$1; shift
  for pod in $("$kubectl" -n kubevirt get pods -l kubevirt.io=virt-handler -o name); do
    "$kubectl" -n kubevirt exec -i "$pod" -c virt-handler -- sh -s "$@" <<<"$script"
  done
}
# processes NAMESPACE: name, PSS and anonymous KiB, pod UID and PSS of the guest's own memory for each process in the launcher pods
# of a namespace. The guest's memory is the mapping of exactly its size.
processes() {
  local uids; uids=$("$kubectl" -n "$1" get pods -o json | jq -r '.items[].metadata.uid')
  # The script is for the nodes' shells.
  # shellcheck disable=SC2016,SC2086
  on_nodes 'guest=$1; shift
    for d in /proc/[0-9]*; do
      c=$(cat $d/cgroup 2>/dev/null) || continue
      for uid; do case $c in *pod$uid*) n=$(cat $d/comm 2>/dev/null); p=; a=; g=0
        while read -r k v _; do case $k in Pss:) p=$v;; Anonymous:) a=$v;; esac; done 2>/dev/null <$d/smaps_rollup
        case $n in qemu*) g=$(awk -v guest=$guest "\$1 == \"Size:\" { own = \$2 == guest } \$1 == \"Pss:\" && own { sum += \$2 } END { print sum + 0 }" $d/smaps 2>/dev/null);; esac
        [ -z "$p" ] || echo "$n $p $a $uid $g";; esac; done
    done' "$guest_kib" $uids
}
# charges NAMESPACE: UID of each launcher pod and the bytes it is charged beside the guest's memory.
charges() { "$kubectl" -n "$1" get pods -o json | jq -r '.items[].metadata | "\(.uid) \(.annotations["kubevirt.io/memory-overhead-bytes"])"'; }
# components: name and resident KiB of each of our daemons; virt-handler goes by another name once it has loaded libvirt.
components() {
  # shellcheck disable=SC2016
  on_nodes 'for d in /proc/[0-9]*; do n=$(cat $d/comm 2>/dev/null) || continue
      case $n in virt-api|virt-controller|virt-handler)
        ! grep -q /libvirt.so $d/maps 2>/dev/null || n=$n-with-libvirt
        while read -r k v _; do case $k in VmRSS:) echo "$n $v";; esac; done <$d/status;; esac; done'
}

# virt-handler is idle while no guest has run since it started.
if components | grep -q with-libvirt; then
  step "starting virt-handler anew, so that it is idle"
  "$kubectl" -n kubevirt rollout restart daemonset/virt-handler >/dev/null
  "$kubectl" -n kubevirt rollout status daemonset/virt-handler --timeout=180s >/dev/null
  sleep 5 # lets the first heartbeat and the first lists pass
fi
step "resident memory of the parts, idle"
components >"$scratch/components"
for count in one:1 ten:10; do
  step "${count#*:} plain pod(s), then ${count#*:} virtual machine(s)"
  round "${count%:*}-pods" "${count#*:}" pods
  round "${count%:*}-vms" "${count#*:}" virtualmachineinstances
done
components >"$scratch/components-after"
# One alone is a small sample: three more, in turn.
for again in 1 2 3; do round "one-pods-$again" 1 pods; round "one-vms-$again" 1 virtualmachineinstances; done
jq -s add "$scratch"/one-pods*.json >"$scratch/singles-pods.json"
one_pod=$(for f in "$scratch"/one-pods*.json; do started "$f" pods; done | median)
one_vm=$(for f in "$scratch"/one-vms*.json; do started "$f" virtualmachineinstances; done | median)
one_pod_end=$(for f in "$scratch"/one-pods*.json; do ended "$f" pods; done | median)
one_vm_end=$(for f in "$scratch"/one-vms*.json; do ended "$f" virtualmachineinstances; done | median)

echo
echo "| what | plain pod | virtual machine |"
echo "|---|---|---|"
echo "| one: create -> Ready / Running, median of 4 (ms) | $one_pod | $one_vm |"
echo "| ten at once: create -> Ready / Running, median (ms) | $(started "$scratch/ten-pods.json" pods | median) | $(started "$scratch/ten-vms.json" virtualmachineinstances | median) |"
echo "| ten at once: create -> Ready / Running, last (ms) | $(started "$scratch/ten-pods.json" pods | largest) | $(started "$scratch/ten-vms.json" virtualmachineinstances | largest) |"
echo "| one: delete -> gone, median of 4 (ms) | $one_pod_end | $one_vm_end |"
echo
echo "API writes for one VMI, create -> Running -> deleted:"
echo "| who | what | writes |"
echo "|---|---|---|"
jq -r '[ .[] | select(.verb | IN("create", "update", "patch", "delete")) | select(.user.username | test("admin|generic-garbage|namespace-controller|service-account-controller|root-ca") | not)
  | {who: (.user.username | sub("system:serviceaccount:kubevirt:"; "") | sub("system:node:.*"; "kubelet")), what: (.verb + " " + .objectRef.resource + (if .objectRef.subresource then "/" + .objectRef.subresource else "" end))} ]
  | group_by([.who, .what])[] | "| \(.[0].who) | \(.[0].what) | \(length) |"' "$scratch/one-vms.json"
# Until Running: what our service accounts wrote before virt-handler said so, and the events, which are written behind.
writes=$(jq '. as $all | ([ .[] | select(.verb == "patch" and .user.username == "system:serviceaccount:kubevirt:kubevirt-handler") ] | first | .stageTimestamp) as $running
  | ([ .[] | select(.verb == "delete" and (.user.username | test("admin"))) ] | first | .stageTimestamp) as $finish
  | [ $all[] | select(.user.username | startswith("system:serviceaccount:kubevirt:")) | select(.verb | IN("create", "update", "patch"))
      | select(.stageTimestamp <= $running or (.objectRef.resource == "events" and .stageTimestamp < $finish)) ] | length' "$scratch/one-vms.json")
echo
grep with-libvirt "$scratch/components-after" >>"$scratch/components" || true
echo "| part, idle, and virt-handler after ten guests | resident memory, largest of its copies (MiB) |"
echo "|---|---|"
sort "$scratch/components" | awk '{ if ($2 > m[$1]) m[$1] = $2 } END { for (n in m) printf "| %s | %.1f |\n", n, m[n] / 1024 }' | sort
echo
echo "| process in a launcher pod, mean of ten | PSS (MiB) | anonymous (MiB) |"
echo "|---|---|---|"
awk '{ n[$1]++; p[$1] += $2; a[$1] += $3 } END { for (x in n) printf "| %s | %.1f | %.1f |\n", x, p[x] / n[x] / 1024, a[x] / n[x] / 1024 }' "$scratch/processes" | sort
# Of each pod, the sum of its processes without the guest's memory, in percent of what the pod is charged; the largest counts.
share=$(awk 'NR == FNR { charged[$1] = $2 / 1024; next } { sum[$4] += $2 - $5 } END { for (pod in sum) { s = charged[pod] ? 100 * sum[pod] / charged[pod] : 999; if (s > most) most = s }; printf "%.1f", most ? most : 999 }' \
  "$scratch/charges" "$scratch/processes")
echo
awk 'NR == FNR { charged[$1] = $2 / 1048576; next } { sum[$4] += $2 - $5; ram[$4] += $5 } END { for (pod in sum) { n++; s += sum[pod]; r += ram[pod]; c += charged[pod] }; if (n) printf "A launcher pod takes %.1f MiB beside the %.1f MiB that its guest touched, and is charged %.1f MiB (means of %d).\n", s / n / 1024, r / n / 1024, c / n, n }' \
  "$scratch/charges" "$scratch/processes"
launcher_pss=$(awk '$1 == "virt-launcher" { n++; p += $2 } END { if (n) printf "%d", p / n; else print 999999 }' "$scratch/processes")

gate() { # gate WHAT VALUE LIMIT
  if [ -z "$2" ]; then echo "MISSED  $1: not measured; does a guest of somebody else run on every node"; missed=1
  elif awk -v v="$2" -v l="$3" 'BEGIN { exit !(v <= l) }'; then echo "met     $1: $2 <= $3"; else echo "MISSED  $1: $2 > $3"; missed=1; fi
}
missed=''
echo
gate "API writes of ours per VMI until Running" "$writes" 8
gate "virt-launcher, PSS (KiB)" "$launcher_pss" 5120
gate "launcher pod, PSS beside the guest's memory in percent of what it is charged" "$share" 100
for part in virt-api virt-controller virt-handler; do
  gate "$part, idle resident memory (KiB)" "$(awk -v n=$part '$1 == n && $2 > m { m = $2 } END { if (m) print m }' "$scratch/components")" 20480
done
gate "virt-handler with libvirt's library, resident memory (KiB)" "$(awk '$1 == "virt-handler-with-libvirt" && $2 > m { m = $2 } END { if (m) print m }' "$scratch/components")" 36864
gate "create -> Running beyond the plain pod (ms)" "$((one_vm - one_pod))" 1000
gate "delete -> gone (ms)" "$one_vm_end" 1500
[ -z "$check" ] || [ -z "$missed" ]
