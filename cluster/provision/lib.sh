# shellcheck shell=bash
# What the provisioning scripts share. They run on the machine that they provision: in its namespaces (up.sh) or
# on a virtual machine (Vagrantfile), as root, and may run again at any time.
#   MACHINE  the machine's name: etcd, master1.., haproxy, registry, node1..
#   MASTERS  how many masters there are     NODES  how many nodes
# shellcheck source=../lib/common.sh
. "$(dirname "${BASH_SOURCE[0]}")/../lib/common.sh"
# shellcheck source=../lib/addresses.sh
. "$ROOT/cluster/lib/addresses.sh"
MACHINE=${MACHINE:?set MACHINE to the name of the machine} MASTERS=${MASTERS:-2} NODES=${NODES:-2}
PKI=$STATE/pki
ADDRESS=$(address_of "$MACHINE")
export PATH=$BIN:$PATH

# program NAME: the full path of a program, so that what runs does not change when another checkout links other versions.
program() { readlink -f "$(command -v "$1" || die "the program $1 is missing" "run cluster/tools/build.sh, or install its package")"; }

# service NAME COMMAND...: keeps a command running on this machine, restarted when it ends. Nothing happens if it is
# the same as before.
service() {
  local name=$1 new; shift
  new="exec $(printf '%q ' "$@")"
  if [ -n "${MACHINE_DIR:-}" ]; then
    keep "$MACHINE_DIR/services/$name" "$new"
  else
    systemd_service "$name" "$new"
  fi
}

# keep FILE TEXT: writes a file if its content differs, in one step. Succeeds when it was written.
keep() {
  ! cmp -s <(printf '%s\n' "$2") "$1" || return 0
  mkdir -p "$(dirname "$1")"
  printf '%s\n' "$2" >"$(dirname "$1")/.${1##*/}.new"
  mv -f "$(dirname "$1")/.${1##*/}.new" "$1"
}

systemd_service() {
  local unit=/etc/systemd/system/kubevirt-local-$1.service before
  before=$(cat "$unit" "$STATE/services/$1" 2>/dev/null || true)
  mkdir -p "$LOGS"
  keep "$STATE/services/$1" "$2"
  keep "$unit" "[Unit]
Description=kubevirt local cluster: $1
StartLimitIntervalSec=0
[Service]
ExecStart=/bin/sh $STATE/services/$1
Environment=PATH=$BIN:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
Restart=always
RestartSec=1
Delegate=yes
KillMode=process
LimitNOFILE=1048576
StandardOutput=append:$LOGS/$1-$MACHINE.log
StandardError=inherit
[Install]
WantedBy=multi-user.target"
  [ "$before" != "$(cat "$unit" "$STATE/services/$1")" ] || systemctl is-active --quiet "kubevirt-local-$1" || before=
  if [ "$before" != "$(cat "$unit" "$STATE/services/$1")" ]; then
    systemctl daemon-reload
    systemctl enable --quiet "kubevirt-local-$1"
    systemctl restart "kubevirt-local-$1"
  fi
}

# image_tag PROGRAM: the tag of the image that holds this build of the program.
image_tag() { sha256sum <"$(program "$1")" | cut -c1-12; }

# kube ARGUMENT...: kubectl as administrator.
kube() { "$BIN/kubectl" --kubeconfig="$LOCAL_KUBECONFIG" --request-timeout=20s "$@"; }

# manifest NAME: a manifest of cluster/manifests with the names of this cluster filled in.
manifest() {
  sed -e "s|@REGISTRY@|$REGISTRY_NAME|g" -e "s|@COREDNS@|$(image_tag coredns)|g" -e "s|@LOCAL_PATH@|$(image_tag local-path-provisioner)|g" \
    -e "s|@DNS_ADDRESS@|$DNS_ADDRESS|g" -e "s|@CLUSTER_DOMAIN@|$CLUSTER_DOMAIN|g" -e "s|@HAPROXY_ADDRESS@|$HAPROXY_ADDRESS|g" \
    -e "s|@REGISTRY_HOST@|$(address_of registry)|g" -e "s|@API_PORT@|$API_PORT|g" "$ROOT/cluster/manifests/$1.yaml"
}
