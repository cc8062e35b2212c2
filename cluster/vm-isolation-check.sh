#!/usr/bin/env bash
# Proves, check by check, that a virtual machine is confined to its launcher pod: its QEMU and its libvirt daemon are in the pod's
# cgroups and namespaces, without privilege, and see none of the node's file system. Exits 1 when a check fails.
#
#   cluster/vm-isolation-check.sh [-vm NAME] [-n NAMESPACE]
#
# Without -vm it starts a small virtual machine and removes it afterwards. What is checked is read from the node's /proc, through
# virt-handler's pod on that node, so it works on any cluster that kubectl reaches.
set -euo pipefail
# shellcheck source=lib/common.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib/common.sh"
kubectl=$ROOT/cluster/kubectl.sh

vm='' namespace=default outside=''
while [ $# -gt 0 ]; do
  case $1 in
    -vm|--vm) vm=${2:-}; shift ;;
    -n|--namespace) namespace=${2:-}; shift ;;
    # For the test of this script: checks a QEMU that was started outside of the pod, which must fail.
    --self-test-outside) outside=1 ;;
    *) die "unknown option $1" "usage: cluster/vm-isolation-check.sh [-vm NAME] [-n NAMESPACE]" ;;
  esac
  shift
done

if [ -z "$vm" ]; then
  vm=isolation-check-$$
  step "starting the virtual machine $namespace/$vm for the check"
  trap '"$kubectl" -n "$namespace" delete vm "$vm" --wait=false >/dev/null' EXIT
  "$kubectl" -n "$namespace" apply -f - >/dev/null <<YAML
apiVersion: kubevirt.io/v1
kind: VirtualMachine
metadata: {name: $vm}
spec:
  runStrategy: Always
  template:
    spec:
      terminationGracePeriodSeconds: 0
      domain:
        devices:
          disks: [{name: root, disk: {bus: virtio}}]
          interfaces: [{name: default, masquerade: {}}]
        resources: {requests: {memory: 64Mi}}
      networks: [{name: default, pod: {}}]
      volumes: [{name: root, containerDisk: {image: "$REGISTRY_NAME/kubevirt/guest-boot-sector:devel"}}]
YAML
  "$kubectl" -n "$namespace" wait vm "$vm" --for=condition=Ready --timeout=120s >/dev/null || die "$namespace/$vm does not run" "see: cluster/kubectl.sh -n $namespace describe vmi $vm"
fi

field() { "$kubectl" -n "$namespace" get vmi "$vm" -o "jsonpath={$1}" 2>/dev/null; }
[ "$(field .status.phase)" = Running ] || die "$namespace/$vm is not running" "see: cluster/kubectl.sh -n $namespace get vmi $vm"
node=$(field .status.nodeName)
pod=$("$kubectl" -n "$namespace" get pods -l "kubevirt.io/created-by=$(field .metadata.uid)" --field-selector "spec.nodeName=$node" -o 'jsonpath={.items[0].metadata.uid}')
[ -n "$pod" ] || die "the launcher pod of $namespace/$vm was not found on $node"
handler=$("$kubectl" -n kubevirt get pods -l kubevirt.io=virt-handler --field-selector "spec.nodeName=$node" -o 'jsonpath={.items[0].metadata.name}')
[ -n "$handler" ] || die "no virt-handler runs on $node" "see: cluster/kubectl.sh -n kubevirt get pods -o wide"

echo "virtual machine $namespace/$vm, pod $pod, node $node"
"$kubectl" -n kubevirt exec -i "$handler" -c virt-handler -- sh -s "$pod" "${namespace}_$vm" "$outside" <"$ROOT/cluster/lib/isolation-checks.sh"
