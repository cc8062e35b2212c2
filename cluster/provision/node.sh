#!/usr/bin/env bash
# A node: containerd, kubelet, kube-proxy, the pod network (a bridge per node, routes between them).
set -euo pipefail
# shellcheck source=lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
packages runc containernetworking-plugins iptables conntrack ethtool util-linux e2fsprogs

# Where the machine's services come from systemd, systemd also owns the cgroups; elsewhere each node has a tree of
# its own, as a kubelet kills what it does not know beneath its root.
if [ -n "${MACHINE_DIR:-}" ]; then driver=cgroupfs systemd_cgroup=false root=/kvl-$MACHINE; else driver=systemd systemd_cgroup=true root=/; fi

make_cgroups() {
  local hierarchy dir file controllers
  if [ -f /sys/fs/cgroup/cgroup.controllers ]; then # version 2
    mkdir -p "/sys/fs/cgroup$root" || return 1
    read -ra controllers </sys/fs/cgroup/cgroup.controllers
    for file in "${controllers[@]}"; do echo "+$file" >/sys/fs/cgroup/cgroup.subtree_control 2>/dev/null || true; done
    return 0
  fi
  for hierarchy in /sys/fs/cgroup/*/; do
    [ -f "${hierarchy}tasks" ] || continue
    dir=${hierarchy%/}$root
    mkdir -p "$dir" || return 1
    # A cpuset begins empty, and nothing can run in an empty one.
    for file in cpuset.cpus cpuset.mems; do
      if [ -f "$hierarchy$file" ] && [ -z "$(cat "$dir/$file")" ]; then cat "$hierarchy$file" >"$dir/$file"; fi
    done
  done
}
[ "$root" = / ] || make_cgroups || die "the cgroup $root cannot be made" "/sys/fs/cgroup must be writable here"

masquerade() { # pods go out under the node's address, but keep their own towards pods and machines
  iptables -w 10 -t nat -N KUBEVIRT-LOCAL 2>/dev/null || iptables -w 10 -t nat -F KUBEVIRT-LOCAL
  iptables -w 10 -t nat -A KUBEVIRT-LOCAL -d "$POD_RANGE" -j RETURN
  iptables -w 10 -t nat -A KUBEVIRT-LOCAL -d "$NETWORK.0/24" -j RETURN
  iptables -w 10 -t nat -A KUBEVIRT-LOCAL -d 224.0.0.0/4 -j RETURN
  iptables -w 10 -t nat -A KUBEVIRT-LOCAL -j MASQUERADE
  iptables -w 10 -t nat -C POSTROUTING -s "$POD_RANGE" -j KUBEVIRT-LOCAL 2>/dev/null ||
    iptables -w 10 -t nat -A POSTROUTING -s "$POD_RANGE" -j KUBEVIRT-LOCAL
}
masquerade

keep /etc/cni/net.d/10-pods.conflist '{"cniVersion": "1.0.0", "name": "pods", "plugins": [
  {"type": "bridge", "bridge": "cni0", "isGateway": true, "ipMasq": false, "hairpinMode": true,
   "ipam": {"type": "host-local", "dataDir": "/run/cni-addresses", "ranges": [[{"subnet": "'"$(pod_range_of "$MACHINE")"'"}]], "routes": [{"dst": "0.0.0.0/0"}]}},
  {"type": "portmap", "capabilities": {"portMappings": true}}]}'

keep "/etc/containerd/certs.d/$REGISTRY_NAME/hosts.toml" "server = 'http://$REGISTRY_NAME'
[host.'http://$REGISTRY_NAME']
  capabilities = ['pull', 'resolve']"

keep /etc/containerd/config.toml "version = 3
root = '/var/lib/containerd'
state = '/run/containerd'
[plugins.'io.containerd.cri.v1.images']
  max_concurrent_downloads = 6
[plugins.'io.containerd.cri.v1.images'.registry]
  config_path = '/etc/containerd/certs.d'
[plugins.'io.containerd.cri.v1.images'.pinned_images]
  sandbox = '$REGISTRY_NAME/local/pause:1'
[plugins.'io.containerd.cri.v1.runtime']
  # Scores below that of containerd itself need CAP_SYS_RESOURCE, which not every computer grants.
  restrict_oom_score_adj = true
  # Block volumes and devices of pods that do not run as root belong to the pod's user.
  device_ownership_from_security_context = true
[plugins.'io.containerd.cri.v1.runtime'.cni]
  bin_dirs = ['/opt/cni/bin', '/usr/lib/cni']
  conf_dir = '/etc/cni/net.d'
[plugins.'io.containerd.cri.v1.runtime'.containerd.runtimes.runc]
  runtime_type = 'io.containerd.runc.v2'
[plugins.'io.containerd.cri.v1.runtime'.containerd.runtimes.runc.options]
  SystemdCgroup = $systemd_cgroup"

keep /etc/kubernetes/kubelet.yaml "apiVersion: kubelet.config.k8s.io/v1beta1
kind: KubeletConfiguration
cgroupDriver: $driver
cgroupRoot: $root
failCgroupV1: false
failSwapOn: false
authentication: {anonymous: {enabled: false}, webhook: {enabled: true}, x509: {clientCAFile: $PKI/ca.crt}}
authorization: {mode: Webhook}
tlsCertFile: $PKI/$MACHINE.crt
tlsPrivateKeyFile: $PKI/$MACHINE.key
clusterDNS: [$DNS_ADDRESS]
clusterDomain: $CLUSTER_DOMAIN
containerRuntimeEndpoint: unix:///run/containerd/containerd.sock
evictionHard: {}
imageGCHighThresholdPercent: 100
imageMaximumGCAge: 12h
serializeImagePulls: false
maxParallelImagePulls: 4
maxPods: 250"

keep /etc/kubernetes/proxy.yaml "apiVersion: kubeproxy.config.k8s.io/v1alpha1
kind: KubeProxyConfiguration
mode: iptables
clusterCIDR: $POD_RANGE
hostnameOverride: $MACHINE
clientConnection: {kubeconfig: $STATE/proxy.kubeconfig}
conntrack: {maxPerCore: 0, min: 0, tcpEstablishedTimeout: 0s, tcpCloseWaitTimeout: 0s}"

mkdir -p /opt/cni/bin /var/lib/kubelet /var/lib/containerd
service containerd env "CONFIGURATION=$(inputs_key /etc/containerd/config.toml)" PATH="$(dirname "$(program containerd)"):$PATH" "$(program containerd)" --config=/etc/containerd/config.toml --log-level=warn
wait_for 30 "containerd on $MACHINE" "$(program ctr)" version
service kubelet env "CONFIGURATION=$(inputs_key /etc/kubernetes/kubelet.yaml "$STATE/$MACHINE.kubeconfig")" "$(program kubelet)" --config=/etc/kubernetes/kubelet.yaml \
  --kubeconfig="$STATE/$MACHINE.kubeconfig" --hostname-override="$MACHINE" --node-ip="$ADDRESS" --cert-dir=/var/lib/kubelet/pki --v=1
service kube-proxy env "CONFIGURATION=$(inputs_key /etc/kubernetes/proxy.yaml "$STATE/proxy.kubeconfig")" "$(program kube-proxy)" --config=/etc/kubernetes/proxy.yaml
