#!/usr/bin/env bash
# The cluster's own images, in the local registry: pause, CoreDNS, local-path-provisioner, busybox. Tags of the
# programs that manifests name are the first part of the program's hash, so that a new one is rolled out.
set -euo pipefail
MACHINE=${MACHINE:-haproxy}
# shellcheck source=lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
# shellcheck source=../lib/image.sh
. "$ROOT/cluster/lib/image.sh"
packages skopeo busybox-static curl jq

root=$(mktemp -d "${TMPDIR:-/tmp}/rootfs.XXXXXX"); trap 'rm -rf "$root"' EXIT

one_program() { # NAME PROGRAM TAG: an image that holds one static program (and the certificates of authorities)
  mkdir -p "$root/$1/usr/bin" "$root/$1/etc/ssl/certs" "$root/$1/tmp"
  install -m 755 "$2" "$root/$1/usr/bin/$1"
  push_image "local/$1:$3" "$root/$1" "/usr/bin/$1"
}

one_program pause "$(program pause)" 1
for name in coredns local-path-provisioner; do one_program $name "$(program $name)" "$(image_tag $name)"; done

mkdir -p "$root"/busybox/{bin,tmp,etc,root,proc,sys,dev,var}
chmod 1777 "$root/busybox/tmp"
printf 'root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/false\n' >"$root/busybox/etc/passwd"
install -m 755 "$(program busybox)" "$root/busybox/bin/busybox"
for applet in $("$root/busybox/bin/busybox" --list); do [ "$applet" = busybox ] || ln -s busybox "$root/busybox/bin/$applet"; done
push_image local/busybox:1 "$root/busybox" /bin/sh
