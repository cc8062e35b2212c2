# shellcheck shell=bash
# Machines of the local cluster: a network namespace, and in it a process (tools/machine-init) that is the first of
# its own mount, PID, UTS and IPC namespaces. Killing that process ends the machine with everything in it.
# Source it after common.sh and addresses.sh.
MACHINES=$STATE/machines
BRIDGE=kvlocal0
PREFIX=kvl-                       # network namespaces, veths and cgroups of the cluster begin with it
# Flags for nsenter: every namespace that a machine has of its own, but the network's through its process, never
# by `ip netns exec`, which mounts a /sys without cgroups.

# pid_of_machine NAME: prints the process id of a machine that is alive. A recorded id that another process
# has taken since (the start time differs) does not count.
pid_of_machine() {
  local pid start stat
  read -r pid start 2>/dev/null <"$MACHINES/$1/pid" || return 1
  stat=$(cat "/proc/$pid/stat" 2>/dev/null) || return 1
  stat=${stat##*) }
  # shellcheck disable=SC2086
  set -- $stat
  [ "${20}" = "$start" ] && [ "$1" != Z ] && echo "$pid"
}

machine_is_alive() { pid_of_machine "$1" >/dev/null; }

# machine_start NAME: makes the machine unless it lives. What a dead one left (namespace, veth, cgroups) is replaced.
machine_start() {
  local name=$1 dir=$MACHINES/$1 namespace=$PREFIX$1
  ! machine_is_alive "$name" || return 0
  machine_remove "$name"
  mkdir -p "$dir/services" "$dir/run" "$LOGS"
  rm -f "$dir"/services/* "$dir"/run/*
  # The first `ip netns add` turns /run/netns into a mount, which down.sh undoes if it was none before.
  mountpoint -q /run/netns || touch "$STATE/netns-mount"
  ip netns add "$namespace"
  ip link add "$PREFIX$name" type veth peer name eth0 netns "$namespace"
  ip link set "$PREFIX$name" master "$BRIDGE" up
  ip -n "$namespace" link set lo up
  ip -n "$namespace" addr add "$(address_of "$name")/24" dev eth0
  ip -n "$namespace" link set eth0 up
  ip -n "$namespace" route add default via "$GATEWAY"
  LOGS=$LOGS STATE=$STATE CACHE=$CACHE nsenter --net="/run/netns/$namespace" \
    "$(readlink -f "$BIN/machine-init")" start "$dir" "${ROOT:?}/cluster/local/setup-mounts.sh" 7>&- 8>&- 9>&- ||
    die "the machine $name could not be started" "the cluster needs mount, PID, UTS and IPC namespaces and overlayfs; see $LOGS/machine-$name.log"
}

# machine_run NAME COMMAND...: runs a command in all of the machine's namespaces.
machine_run() {
  local name=$1 pid; shift
  pid=$(pid_of_machine "$name") || die "machine $name is not running" "run cluster/up.sh"
  MACHINE=$name MACHINE_DIR=$MACHINES/$name nsenter --target "$pid" --mount --pid --uts --ipc --net -- "$@" 7>&- 8>&- 9>&-
}

# provision NAME SCRIPT...: runs provisioning scripts on the machine, as Vagrant does on a virtual one.
provision() {
  local name=$1 script; shift
  for script; do machine_run "$name" bash "$ROOT/cluster/provision/$script.sh"; done
}

# machine_remove NAME: ends the machine and removes what the kernel keeps of it. Its files stay.
machine_remove() {
  local name=$1 namespace=$PREFIX$1 pid i
  if pid=$(pid_of_machine "$name"); then
    kill "$pid" 2>/dev/null || true
    for ((i = 0; i < 60; i++)); do machine_is_alive "$name" || break; sleep 0.1; done
    kill -9 "$pid" 2>/dev/null || true
  fi
  if [ -e "/run/netns/$namespace" ]; then
    # A first process of a machine whose record was lost is in there too.
    ip netns pids "$namespace" 2>/dev/null | xargs -r kill -9 2>/dev/null || true
    for ((i = 0; i < 50; i++)); do [ -n "$(ip netns pids "$namespace" 2>/dev/null)" ] || break; sleep 0.1; done
    umount "/run/netns/$namespace" 2>/dev/null || true
    rm -f "/run/netns/$namespace"
  fi
  ip link del "$PREFIX$name" 2>/dev/null || true
  remove_cgroups "$PREFIX$name"
  rm -f "$MACHINES/$name/pid"
}

# stray_machines: process ids of machines that no record names (another state folder, a record that was deleted).
stray_machines() {
  local f line
  for f in /proc/[0-9]*/cmdline; do
    { IFS= read -r -d '' line <"$f"; } 2>/dev/null || continue
    if [ "$line" = kubevirt-local-machine ]; then f=${f#/proc/}; echo "${f%/cmdline}"; fi
  done
}

# remove_cgroups NAME: the tree of that name in every hierarchy, deepest first. Killed processes leave it a moment later.
remove_cgroups() {
  local root i
  for root in /sys/fs/cgroup/"$1" /sys/fs/cgroup/*/"$1"; do
    for ((i = 0; i < 30; i++)); do
      [ -d "$root" ] || break
      find "$root" -depth -type d -exec rmdir {} + 2>/dev/null || true
      [ ! -d "$root" ] || sleep 0.1
    done
  done
}
