#!/usr/bin/env bash
# images/rootfs/build.sh: makes the two root file system layers that our images share, from Debian packages, and prints the
# folder that holds them: base.tar, virt.tar (what virt has beyond base) and packages.txt (name and version of every Debian
# package that something was taken from). Cached by its inputs; delete the folder to take up newer Debian packages.
#
# The packages are only unpacked, never configured: what base.files and virt.files name is picked out of them, with the
# libraries it needs. That keeps out most of a distribution, and what a maintainer script would write differently each time.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source-path=SCRIPTDIR source=../../cluster/lib/common.sh
. "$here/../../cluster/lib/common.sh"
# shellcheck source-path=SCRIPTDIR source=../lib/debian.sh
. "$here/../lib/debian.sh"

key=$(inputs_key "$SUITE" "$here/build.sh" "$here/../lib/debian.sh" "$here/packages" "$here/base.files" "$here/virt.files" \
  "$here"/files/*/*)
out=$CACHE/rootfs-$key
if [ -f "$out/virt.tar" ]; then echo "$out"; exit; fi

need_root "making root file systems"
packages mmdebstrap debian-archive-keyring >&2
mkdir -p "$CACHE"
exec 9>"$CACHE/rootfs.lock"; flock -w 1800 9 || die "another build of the root file systems does not end" "see who holds $CACHE/rootfs.lock"
[ ! -f "$out/virt.tar" ] || { echo "$out"; exit; }
step "root file systems: unpacking Debian $SUITE packages (about 30 s, log in $CACHE/rootfs.log)"
work=$(mktemp -d "$CACHE/rootfs.XXXXXX"); trap 'rm -rf --one-file-system "$work"' EXIT
all=$work/all
bootstrap extract "$all" "$(grep -v '^#' "$here/packages" | paste -sd,)" --skip=cleanup/apt >"$CACHE/rootfs.log" 2>&1 \
  || die "mmdebstrap failed: $(grep -m1 '^E:' "$CACHE/rootfs.log")" "see $CACHE/rootfs.log; the machine's Debian mirror must carry $SUITE"

# follow PATH: prints the path and, while it is a link, what it points to (all relative to $all, without leading slash).
follow() {
  local path=$1 target hops=0
  while [ $((hops++)) -lt 8 ]; do
    # The folder's own links (/lib -> usr/lib) are resolved, so that each file has one name.
    path=$(realpath -s --relative-to="$all" "$(realpath "$(dirname "$all/$path")")/$(basename "$path")")
    printf '%s\n' "$path"
    [ -L "$all/$path" ] || return 0
    target=$(readlink "$all/$path")
    case $target in /*) path=${target#/} ;; *) path=$(dirname "$path")/$target ;; esac
  done
}

# libraries PATH: the libraries that a program or library needs, as the loader finds them.
libraries() {
  [ "$(head -c 4 "$all/$1" | tr -d '\0')" = $'\x7fELF' ] || return 0
  chroot "$all" /lib64/ld-linux-x86-64.so.2 --list "/$1" 2>/dev/null | grep -oE '/[^ ]+' | sort -u | sed 's|^/||' || true
}

# pick LIST: the sorted paths of everything that the list names and needs, with the folders above.
pick() {
  local pattern path file found
  grep -vE '^(#|$)' "$1" | while read -r pattern; do
    found=
    for path in "$all"$pattern; do
      [ -e "$path" ] || [ -L "$path" ] || continue
      found=1; path=${path#"$all"/}
      follow "$path"
      [ ! -f "$all/$path" ] || libraries "$path" | while read -r file; do follow "$file"; done
    done
    [ -n "$found" ] || printf 'missing: %s\n' "$pattern" >>"$work/missing"
  done | sort -u | while read -r path; do
    printf '%s\n' "$path"
    while path=$(dirname "$path"); [ "$path" != . ]; do printf '%s\n' "$path"; done
  done | LC_ALL=C sort -u
}

step "root file systems: picking files"
pick "$here/base.files" >"$work/base.picked"
pick "$here/virt.files" | LC_ALL=C comm -23 - "$work/base.picked" >"$work/virt.picked"
[ ! -s "$work/missing" ] || die "Debian $SUITE's packages lack a file: $(head -1 "$work/missing")" "adapt images/rootfs/*.files"

# Licences, and what scanners for known vulnerabilities look for, of the packages that a layer has something of.
mkdir -p "$work/control"
for deb in "$all"/var/cache/apt/archives/*.deb; do
  dpkg-deb -f "$deb" Package Version Architecture Maintainer Source Section Priority Depends >"$work/control/$(dpkg-deb -f "$deb" Package)"
  dpkg-deb --fsys-tarfile "$deb" | tar -t | sed -E "s|^\./||; s|^(bin\|sbin\|lib\|lib64)/|usr/\1/|; s|^|$(dpkg-deb -f "$deb" Package) |"
done | grep -v '/$' | LC_ALL=C sort -k2 >"$work/owners"

# layer NAME: puts the layer's tree together from the picked files and our own, and packs it.
layer() {
  local name=$1 tree=$work/$1 owner path
  mkdir -p "$tree"
  tar -C "$all" --no-recursion -T "$work/$name.picked" -cf - | tar -C "$tree" -xpf -
  LC_ALL=C join -1 2 -2 1 -o 1.1 "$work/owners" "$work/$name.picked" | sort -u >"$work/$name.owners"
  while read -r owner; do
    mkdir -p "$tree/usr/share/doc/$owner" "$tree/var/lib/dpkg/status.d"
    [ ! -e "$all/usr/share/doc/$owner/copyright" ] || cp -L "$all/usr/share/doc/$owner/copyright" "$tree/usr/share/doc/$owner/"
    cp "$work/control/$owner" "$tree/var/lib/dpkg/status.d/"
  done <"$work/$name.owners"
  "layer_$name" "$tree"
  chmod -R u+rwX,go+rX,go-w "$tree"
  for path in tmp var/tmp; do [ ! -d "$tree/$path" ] || chmod 1777 "$tree/$path"; done
  # base's folders (/usr, /etc, ...) appear in virt too, with the same owner and mode.
  pack_tree "$tree" "$work/out/$name.tar"
}

layer_base() {
  local tree=$1 link
  mkdir -p "$tree"/{dev,proc,sys,tmp,root,run,home,var/tmp,etc,usr/bin,usr/sbin}
  for link in bin sbin lib lib64; do ln -s "usr/$link" "$tree/$link"; done
  ln -s /run "$tree/var/run"; ln -s /run/lock "$tree/var/lock"
  cp "$here"/files/etc/* "$tree/etc/"
  chmod 1777 "$tree/var/tmp"; chmod 700 "$tree/root"
}

layer_virt() {
  local tree=$1 applet
  # Names for busybox's tools, except where the real one was picked.
  chroot "$all" /usr/bin/busybox --list | while read -r applet; do
    [ -e "$tree/usr/sbin/$applet" ] || [ -e "$tree/usr/bin/$applet" ] || ln -s busybox "$tree/usr/bin/$applet"
  done
  mkdir -p "$tree/usr/share/kubevirt/libvirt" "$tree/run" "$tree/tmp"
  cp "$here"/files/libvirt/* "$tree/usr/share/kubevirt/libvirt/"
  # The loader's cache: without it each start of QEMU tries several folders for each of its 70 libraries.
  mkdir -p "$tree/etc"; cp -a "$all/etc/ld.so.conf.d" "$work/merged-conf"
  (cd "$work" && mkdir merged && cp -a base/. merged/ && cp -a "$tree/." merged/ && mkdir -p merged/etc/ld.so.conf.d \
    && cp merged-conf/* merged/etc/ld.so.conf.d/ && echo 'include /etc/ld.so.conf.d/*.conf' >merged/etc/ld.so.conf && ldconfig -r merged)
  cp "$work/merged/etc/ld.so.cache" "$tree/etc/"
  # libvirtd runs as this user and makes its socket's folder here.
  chown 107:107 "$tree/run"
}

mkdir "$work/out"
layer base
layer virt
while read -r owner; do awk '/^Package:/{p=$2} /^Version:/{print p, $2; exit}' "$work/control/$owner"; done \
  < <(sort -u "$work/base.owners" "$work/virt.owners") >"$work/out/packages.txt"
mv -T "$work/out" "$out"
step "root file systems: $(du -m --apparent-size "$out"/*.tar | awk '{printf "%s%s MB", (NR>1?", ":""), $2 " " $1}' | sed "s|$out/||g")"
echo "$out"
