# shellcheck shell=bash
# Ends the cluster, whoever made it and however much of it is left. Source it after bridge.sh.

# machines_left: names of the machines of which a record, a network namespace, a veth or a cgroup is left.
machines_left() {
  local f
  {
    for f in "$MACHINES"/*/pid /run/netns/"$PREFIX"* /sys/class/net/"$PREFIX"* /sys/fs/cgroup/"$PREFIX"* /sys/fs/cgroup/*/"$PREFIX"*; do
      [ -e "$f" ] || continue
      f=${f%/pid}; f=${f##*/}; echo "${f#"$PREFIX"}"
    done
  } | sort -u
}

teardown() {
  local name pid jobs=() i
  rm -f "$STATE/cluster"
  # Nodes first: a node that outlives its masters only fills its log. Each kind in parallel.
  for kind in node '[^n]'; do
    jobs=()
    while read -r name; do
      [[ $name =~ ^$kind ]] || continue
      machine_remove "$name" & jobs+=($!)
    done < <(machines_left)
    for pid in "${jobs[@]}"; do wait "$pid" || true; done
  done
  for pid in $(stray_machines); do
    kill -9 "$pid" 2>/dev/null || true
    for ((i = 0; i < 50; i++)); do [ -e "/proc/$pid" ] || break; sleep 0.1; done
  done
  if [ -f "$STATE/netns-mount" ] && [ -z "$(ls /run/netns)" ]; then
    ! mountpoint -q /run/netns || umount /run/netns
    rm -f "$STATE/netns-mount"
  fi
  bridge_down
  loops_detach
}

# loops_detach: loop devices over the cluster's files, which the kernel keeps when everything else is dead. Found by
# inode: the path that the kernel remembers is one of a mount namespace that is gone. kubelet's own loop devices
# lie over those, hence two passes.
loops_detach() {
  local pass device inode disk
  [ -d "$STATE/block" ] && command -v losetup >/dev/null || return 0
  for pass in 1 2; do
    while read -r device inode disk; do
      [ -n "$(find "$STATE/block" -maxdepth 1 -inum "$inode" -printf x)" ] || continue
      [ "$disk" = "$(stat -c %Hd:%Ld "$STATE/block")" ] || continue
      losetup -d "$device" 2>/dev/null || true
    done < <(losetup -l -n -O NAME,BACK-INO,BACK-MAJ:MIN 2>/dev/null)
  done
}

# wipe: deletes what the cluster wrote. Only after teardown, when nothing is mounted there any more.
wipe() {
  local entry
  ! grep -q " $STATE/" /proc/self/mountinfo || die "something is still mounted beneath $STATE" "see: grep $STATE /proc/self/mountinfo"
  for entry in etcd etcd.damaged machines shared block pki services; do rm -rf --one-file-system "${STATE:?}/$entry"; done
  rm -f "$STATE"/*.kubeconfig "$STATE"/*.cfg "$STATE"/*.yaml
}
