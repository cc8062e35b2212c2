# shellcheck shell=bash
# What must be so before a cluster is made here; each failure names the thing and the remedy. Source it after bridge.sh.
DISK_NEEDED=15 # GiB free: binaries and their build cache 6, images, volumes

preflight() {
  [ "$(uname -m)" = x86_64 ] || die "this computer is $(uname -m)" "the local cluster is made for x86_64"
  command -v apt-get >/dev/null || die "this is not a Debian system" "the cluster installs Debian packages; use an existing cluster instead (docs/local-cluster.md)"
  namespaces_work
  network_is_free
  cgroups_are_writable
}

disk_free() {
  local dir free
  for dir in "$CACHE" "$STATE"; do
    mkdir -p "$dir" || die "$dir cannot be made" "set KUBEVIRT_CACHE and KUBEVIRT_STATE to folders on a writable disk"
    free=$(( $(df -Pk "$dir" | awk 'NR == 2 { print $4 }') / 1048576 ))
    [ "$free" -ge $DISK_NEEDED ] || die "only $free GiB are free beneath $dir" "$DISK_NEEDED GiB are needed; free some, or set KUBEVIRT_CACHE and KUBEVIRT_STATE to another disk"
  done
  # containerd's overlay snapshots cannot lie on an overlay.
  [ "$(stat -f -c %T "$STATE")" != overlayfs ] || die "$STATE is on an overlay file system" "set KUBEVIRT_STATE to a folder on a real disk"
}

namespaces_work() {
  unshare --mount --pid --uts --ipc --net --fork true 2>/dev/null ||
    die "namespaces are not available here" "run as real root (CAP_SYS_ADMIN), in a container with --privileged"
}

# network_is_free: nothing but this cluster has addresses or routes in the ranges that it uses.
network_is_free() {
  local other range
  command -v ip >/dev/null || packages iproute2
  other=$(ip -o -4 addr show | awk -v net="$NETWORK." -v own="$BRIDGE" 'index($4, net) == 1 && $2 != own { print $2 " (" $4 ")"; exit }')
  [ -z "$other" ] || die "the network $NETWORK.0/24 is in use by $other" "remove that address; the cluster's addresses are fixed (ha-proxy is $HAPROXY_ADDRESS)"
  for range in "$NETWORK.0/24" "$POD_RANGE" "$SERVICE_RANGE"; do
    other=$(ip -o -4 route show root "$range" | awk -v own="$BRIDGE" '$0 !~ ("dev " own) { print; exit }')
    [ -z "$other" ] || die "the range $range is in use: route $other" "remove that route; the cluster needs $range for itself"
  done
  # Another bridge of the same name that we did not make.
  if ip -o link show "$BRIDGE" >/dev/null 2>&1; then
    ip -d -o link show "$BRIDGE" | grep -q ' bridge ' || die "an interface named $BRIDGE exists and is no bridge" "remove it: ip link del $BRIDGE"
  fi
}

cgroups_are_writable() {
  local dir probe=kvl-probe-$$
  for dir in /sys/fs/cgroup /sys/fs/cgroup/memory; do
    { [ -f $dir/cgroup.procs ] || [ -f $dir/tasks ]; } || continue
    mkdir $dir/$probe 2>/dev/null || die "a cgroup cannot be made in $dir" "mount the cgroup file system writable (in a container: --privileged --cgroupns=host)"
    rmdir $dir/$probe
  done
}
