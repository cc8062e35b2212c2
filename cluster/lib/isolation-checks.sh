# shellcheck shell=sh
# Runs on the node (in virt-handler's pod, which sees the node's processes): sh -s POD_UID DOMAIN [OUTSIDE]
# Prints one line a check and exits 1 when one failed. Needs a POSIX shell, cat, readlink, tr and ls.
pod=$1 domain=$2 outside=$3
failed=0
check() { # check WHAT OK DETAIL
  if [ "$2" = yes ]; then echo "ok    $1"; else echo "FAIL  $1: $3"; failed=1; fi
}
same() { [ "$1" = "$2" ] && echo yes || echo no; }
differ() { [ "$1" != "$2" ] && echo yes || echo no; }
cgroups_of() { cat "/proc/$1/cgroup"; }
status_of() { while read -r key value; do [ "$key" != "$2:" ] || echo "$value"; done <"/proc/$1/status" | tr '\t' ' '; }

# The processes, by what they are and the pod or domain that they belong to.
underscored=$(echo "$pod" | tr - _)
launcher='' libvirt='' qemu=''
for directory in /proc/[0-9]*; do
  pid=${directory#/proc/}
  name=$(cat "$directory/comm" 2>/dev/null) || continue
  case $name in
    virt-launcher|libvirtd)
      case $(cat "$directory/cgroup" 2>/dev/null) in
        *"$pod"*|*"$underscored"*) if [ "$name" = libvirtd ]; then libvirt=$pid; else launcher=${launcher:-$pid}; fi ;;
      esac ;;
    qemu-system-*)
      case $(tr '\0' ' ' <"$directory/cmdline" 2>/dev/null) in
        *"guest=$domain,"*|*"guest=$domain "*) qemu=$pid ;;
      esac ;;
  esac
done
if [ -n "$outside" ]; then
  rm -f /tmp/outside.pid
  qemu-system-x86_64 -machine none -S -display none -daemonize -pidfile /tmp/outside.pid
  qemu=$(cat /tmp/outside.pid)
  trap 'kill "$qemu"' EXIT
fi
for found in "virt-launcher:$launcher" "libvirtd:$libvirt" "QEMU:$qemu"; do
  [ -n "${found#*:}" ] || { echo "FAIL  ${found%%:*} of $domain is running: no such process on this node"; exit 1; }
done

for subject in "QEMU:$qemu" "libvirtd:$libvirt"; do
  who=${subject%%:*} pid=${subject#*:}
  # The launcher is the pod's first process: kubelet and containerd put it where it belongs. /proc/PID/cgroup has a line for
  # each hierarchy (one line in all with cgroup v2).
  check "$who is in the launcher's cgroup of every hierarchy" "$(same "$(cgroups_of "$pid")" "$(cgroups_of "$launcher")")" "$(cgroups_of "$pid" | tr '\n' ' ')"
  elsewhere=$(cgroups_of "$pid" | while read -r line; do case $line in *"$pod"*|*"$underscored"*) ;; *) echo "$line" ;; esac; done)
  # Hierarchies that kubelet does not use (such as a bare name=systemd) hold every process at their root.
  beyond=$(echo "$elsewhere" | while read -r line; do case $line in ''|*:/) ;; *) echo "$line" ;; esac; done)
  check "$who's cgroups are the pod's" "$(same "$beyond" '')" "$beyond"
  for namespace in mnt:mount net:network pid:PID ipc:IPC uts:UTS; do
    link=$(readlink "/proc/$pid/ns/${namespace%%:*}")
    check "$who is in the pod's ${namespace#*:} namespace" "$(same "$link" "$(readlink "/proc/$launcher/ns/${namespace%%:*}")")" "$link"
    check "$who is not in the node's ${namespace#*:} namespace" "$(differ "$link" "$(readlink "/proc/1/ns/${namespace%%:*}")")" "$link"
  done
  case " $(status_of "$pid" Uid) $(status_of "$pid" Gid) " in *' 0 '*) ok=no ;; *) ok=yes ;; esac
  check "$who runs as a non-root user and group" "$ok" "uid $(status_of "$pid" Uid), gid $(status_of "$pid" Gid)"
  for set in CapInh CapPrm CapEff CapBnd CapAmb; do
    check "$who has no capabilities in $set" "$(same "$(status_of "$pid" $set)" 0000000000000000)" "$(status_of "$pid" $set)"
  done
  check "$who cannot gain privileges (no_new_privs)" "$(same "$(status_of "$pid" NoNewPrivs)" 1)" "$(status_of "$pid" NoNewPrivs)"
  check "$who is under a seccomp filter" "$(same "$(status_of "$pid" Seccomp)" 2)" "$(status_of "$pid" Seccomp)"
  for path in var/lib/kubelet etc/kubernetes var/lib/containerd run/containerd; do
    if [ -e "/proc/$pid/root/$path" ]; then ok=no; else ok=yes; fi
    check "$who does not see the node's /$path" "$ok" "$(ls -d "/proc/$pid/root/$path" 2>/dev/null)"
  done
done
[ $failed = 0 ] && echo "all checks passed" || echo "some checks FAILED"
exit $failed
