# shellcheck shell=bash
# Names and addresses of the local cluster, the same for namespaces (up.sh) and virtual machines (Vagrantfile).
NETWORK=192.168.200                 # /24: one address per machine
GATEWAY=$NETWORK.1                  # this computer
HAPROXY_ADDRESS=$NETWORK.2          # what every kubeconfig points at
ETCD_ADDRESS=$NETWORK.100
API_PORT=6443
POD_RANGE=10.42.0.0/16              # node N has 10.42.N.0/24
SERVICE_RANGE=10.96.0.0/16
SERVICE_API_ADDRESS=10.96.0.1
DNS_ADDRESS=10.96.0.10
CLUSTER_DOMAIN=cluster.local
MOST_NODES=50

# address_of NAME: the address of haproxy, registry, etcd, master1.., node1..
address_of() {
  case $1 in
    haproxy)  echo "$HAPROXY_ADDRESS" ;;
    registry) echo "${REGISTRY_ADDRESS%:*}" ;;
    etcd)     echo "$ETCD_ADDRESS" ;;
    master[0-9]*) echo "$NETWORK.$((100 + ${1#master}))" ;;
    node[0-9]*)   echo "$NETWORK.$((10 + ${1#node}))" ;;
    *) die "no machine is named $1" "machines are haproxy, registry, etcd, master1.., node1.." ;;
  esac
}

# pod_range_of NODE: the pods of one node.
pod_range_of() { echo "10.42.${1#node}.0/24"; }
