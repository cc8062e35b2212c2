#!/usr/bin/env bash
# images/guests/guest/build.sh: makes the test guest's disk from Debian's cloud kernel, busybox and the QEMU guest agent, and
# prints its path. Cached by its inputs.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source-path=SCRIPTDIR source=../../../cluster/lib/common.sh
. "$here/../../../cluster/lib/common.sh"
# shellcheck source-path=SCRIPTDIR source=../../lib/debian.sh
. "$here/../../lib/debian.sh"
# shellcheck source-path=SCRIPTDIR source=../../lib/bootdisk.sh
. "$here/../../lib/bootdisk.sh"
# shellcheck source-path=SCRIPTDIR source=../../lib/ext4.sh
. "$here/../../lib/ext4.sh"
BOOT=23 AGENT=12   # MiB of the two partitions

mapfile -t inputs < <(find "$here" -type f | LC_ALL=C sort)
out=$CACHE/guest-$(inputs_key "$SUITE" "${inputs[@]}" "$here"/../../lib/{debian,bootdisk,ext4}.sh)
if [ -f "$out/disk.qcow2" ]; then echo "$out/disk.qcow2"; exit; fi

need_root "making the test guest"
packages mmdebstrap debian-archive-keyring cpio kmod xz-utils "${BOOT_DISK_PACKAGES[@]}" "${EXT4_PACKAGES[@]}" >&2
mkdir -p "$CACHE"
exec 9>"$CACHE/guest.lock"; flock -w 1800 9 || die "another build of the test guest does not end" "see who holds $CACHE/guest.lock"
[ ! -f "$out/disk.qcow2" ] || { echo "$out/disk.qcow2"; exit; }
step "test guest: unpacking Debian $SUITE's kernel, busybox and guest agent (about 20 s, log in $CACHE/guest.log)"
work=$(mktemp -d "$CACHE/guest.XXXXXX"); trap 'rm -rf --one-file-system "$work"' EXIT
all=$work/all
bootstrap extract "$all" linux-image-cloud-amd64,busybox-static,systemd-boot-efi,qemu-guest-agent >"$CACHE/guest.log" 2>&1 \
  || die "mmdebstrap failed: $(grep -m1 '^E:' "$CACHE/guest.log")" "see $CACHE/guest.log; the machine's Debian mirror must carry $SUITE"
version=$(basename "$all"/usr/lib/modules/*)
for folder in lib lib64; do [ -e "$all/$folder" ] || ln -s "usr/$folder" "$all/$folder"; done   # where older tools look
depmod -b "$all" "$version"

step "test guest: initramfs"
tree=$work/tree
mkdir -p "$tree"/{bin,dev,etc,home/guest,mnt,proc,root,run,sbin,sys,tmp,usr/bin,usr/sbin,var,www}
chmod 1777 "$tree/tmp"
cp "$all/usr/bin/busybox" "$tree/bin/busybox"
"$tree/bin/busybox" --list | while read -r applet; do [ "$applet" = busybox ] || ln -s busybox "$tree/bin/$applet"; done
for path in sbin/getty sbin/init sbin/modprobe init; do ln -s /bin/busybox "$tree/$path"; done
ln -s /run "$tree/var/run"
cp -r "$here/root/." "$tree/"
chmod 600 "$tree/etc/shadow"; chown -R 0:0 "$tree"; chown 1000:1000 "$tree/home/guest"

# Each module after those it needs, unpacked (busybox's insmod takes them so, and the initramfs is compressed as a whole).
modules=usr/lib/modules/$version
ln -s usr/lib "$tree/lib"; mkdir -p "$tree/$modules"
cp "$all/$modules"/modules.{builtin,builtin.modinfo,order} "$tree/$modules/"
declare -A seen
while read -r group module wanted; do
  line=$(grep -E "(^|/)${module//_/[_-]}\.ko[^:]*:" "$all/$modules/modules.dep") \
    || die "Debian $SUITE's cloud kernel has no module $module" "adapt images/guests/guest/modules"
  read -r -a files <<<"${line/:/ }"
  for ((i = ${#files[@]} - 1; i >= 0; i--)); do
    file=${files[$i]} name=$(basename "${files[$i]}"); name=${name%%.ko*}
    if [ ! -e "$tree/$modules/$name.ko" ]; then
      case $file in
        *.xz) xz -dc "$all/$modules/$file" ;;
        *.zst) zstd -dcq "$all/$modules/$file" ;;
        *) cat "$all/$modules/$file" ;;
      esac >"$tree/$modules/$name.ko"
    fi
    if [ "$group" = later ] || [ -n "${seen[$name]:-}" ]; then continue; fi
    seen[$name]=1
    echo "$name $wanted" >>"$tree/etc/modules.$group"
  done
done < <(grep -v '^#' "$here/modules")
depmod -b "$tree" "$version"
find "$tree/$modules" \( -name '*.bin' -o -name 'modules.builtin*' -o -name modules.order \) -delete

# The guest agent with its libraries is read from the disk when there is a channel for it, so that no start waits for it.
agent=$work/agent
mkdir -p "$agent/lib"
cp "$all/usr/sbin/qemu-ga" "$agent/"
chroot "$all" /lib64/ld-linux-x86-64.so.2 --list /usr/sbin/qemu-ga | grep -oE '/[^ ]+' | sort -u | while read -r library; do
  cp -L "$(realpath "$all$(dirname "$library")")/$(basename "$library")" "$agent/lib/"
done

find "$tree" -exec touch -h -d "@$SOURCE_DATE_EPOCH" {} +
(cd "$tree" && find . -print0 | LC_ALL=C sort -z | cpio -0 -o -H newc --reproducible --quiet) | eval "${GUEST_COMPRESS:-gzip -9n}" >"$work/initrd"
cp "$all"/boot/vmlinuz-* "$work/vmlinuz"
mkdir "$work/out"
boot_disk "$work/disk.raw" "$((1 + BOOT + AGENT))" "$BOOT" "$work/vmlinuz" "$work/initrd" "$all/usr/lib/systemd/boot/efi/systemd-bootx64.efi" \
  "${GUEST_CMDLINE:-console=ttyS0 quiet}"
ext4_partition "$work/disk.raw" "$((1 + BOOT))" "$AGENT" agent 6b766972-7400-4000-8000-000000000003 "$agent" -O ^has_journal
qemu-img convert -O qcow2 "$work/disk.raw" "$work/out/disk.qcow2"
sha256sum <"$work/disk.raw" | cut -d' ' -f1 >"$work/out/disk.raw.sha256"
mv -T "$work/out" "$out"
step "test guest: $((($(stat -c %s "$out/disk.qcow2") + 524288) / 1048576)) MB"
echo "$out/disk.qcow2"
