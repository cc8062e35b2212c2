#!/usr/bin/env bash
# The first thing a machine of the local cluster runs in its new namespaces: gives it a file system tree of its own.
# /etc, /var and /opt are overlays over this computer's, so that packages stay visible while a hostPath of one node
# is not another's; /run is empty. Nothing of this reaches this computer's own mount namespace.
#   setup-mounts.sh DIR     DIR=$STATE/machines/NAME; needs STATE, CACHE
set -euo pipefail
dir=$1 name=${1##*/}

mount --make-rprivate /
mount -t proc proc /proc
hostname "$name"

# The overlay over /var would hide these two behind a copy; they are moved back on top of it.
mount -t tmpfs -o mode=755 tmpfs /run
for d in state cache; do mkdir /run/$d; done
mount --bind "$STATE" /run/state
mount --bind "$CACHE" /run/cache
for d in etc var opt; do
  mkdir -p "/run/state/machines/$name/$d" "/run/state/machines/$name/.$d"
  mount -t overlay -o "lowerdir=/$d,upperdir=/run/state/machines/$name/$d,workdir=/run/state/machines/$name/.$d" overlay "/$d"
done
mkdir -p "$STATE" "$CACHE"
mount --move /run/state "$STATE"
mount --move /run/cache "$CACHE"
rmdir /run/state /run/cache
mkdir -p /run/lock /run/netns /run/containerd

# What must not lie on an overlay: containerd's snapshots (an overlay's upper layer cannot be one), kubelet's
# emptyDirs and the volumes (direct I/O, loop devices), and what grows.
own() { mkdir -p "$dir/$1" "$2"; mount --bind "$dir/$1" "$2"; }
case $name in node*)
  own kubelet /var/lib/kubelet
  own containerd /var/lib/containerd
  own volumes /var/lib/kubevirt-volumes/local
  for d in shared block; do # the same on every node
    mkdir -p "$STATE/$d" "/var/lib/kubevirt-volumes/$d"
    mount --bind "$STATE/$d" "/var/lib/kubevirt-volumes/$d"
  done
  ;;
esac

# Mounts that pods make with bidirectional propagation have to reach the node.
mount --make-rshared /
