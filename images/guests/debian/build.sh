#!/usr/bin/env bash
# images/guests/debian/build.sh: makes an ordinary Debian with cloud-init and the guest agent as a disk for BIOS and UEFI, and
# prints its path. Cached by its inputs.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source-path=SCRIPTDIR source=../../../cluster/lib/common.sh
. "$here/../../../cluster/lib/common.sh"
# shellcheck source-path=SCRIPTDIR source=../../lib/debian.sh
. "$here/../../lib/debian.sh"
# shellcheck source-path=SCRIPTDIR source=../../lib/bootdisk.sh
. "$here/../../lib/bootdisk.sh"
DISK=2048 BOOT=96   # MiB. The root partition is last, so that growpart can enlarge it on a bigger volume.

mapfile -t inputs < <(find "$here" -type f | LC_ALL=C sort)
out=$CACHE/guest-debian-$(inputs_key "$SUITE" "${inputs[@]}" "$here"/../../lib/{debian,bootdisk}.sh)
if [ -f "$out/disk.qcow2" ]; then echo "$out/disk.qcow2"; exit; fi

need_root "making the Debian guest"
packages mmdebstrap debian-archive-keyring e2fsprogs "${BOOT_DISK_PACKAGES[@]}" >&2
mkdir -p "$CACHE"
exec 9>"$CACHE/guest-debian.lock"; flock -w 3600 9 || die "another build of the Debian guest does not end" "see who holds $CACHE/guest-debian.lock"
[ ! -f "$out/disk.qcow2" ] || { echo "$out/disk.qcow2"; exit; }
step "Debian guest: installing Debian $SUITE (about 2 min, log in $CACHE/guest-debian.log)"
work=$(mktemp -d "$CACHE/guest-debian.XXXXXX"); trap 'rm -rf --one-file-system "$work"' EXIT
tree=$work/tree
# Our files are there before the packages are configured, so that the initramfs is made once and by our settings.
bootstrap minbase "$tree" "$(grep -v '^#' "$here/packages" | paste -sd,)" \
  --dpkgopt='path-exclude=/usr/share/man/*' --dpkgopt='path-exclude=/usr/share/info/*' --dpkgopt='path-exclude=/usr/share/locale/*' \
  --dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-include=/usr/share/doc/*/copyright' \
  --dpkgopt='force-confdef' --dpkgopt='force-confold' \
  --setup-hook="tar -C '$here/root' --owner=0 --group=0 -cf - . | tar -C \"\$1\" --keep-directory-symlink -xf -" \
  >"$CACHE/guest-debian.log" 2>&1 \
  || die "mmdebstrap failed: $(grep -m1 '^E:' "$CACHE/guest-debian.log")" "see $CACHE/guest-debian.log; the machine's Debian mirror must carry $SUITE"

step "Debian guest: disk"
cat "$tree"/boot/vmlinuz-* >"$work/vmlinuz"
cat "$tree"/boot/initrd.img-* >"$work/initrd"
cp "$here/root/etc/fstab" "$tree/etc/fstab"
# What must differ from machine to machine is made on the first boot; what names this machine's mirrors stays here.
rm -rf "$tree"/etc/ssh/ssh_host_* "$tree"/var/lib/dbus/machine-id "$tree"/var/lib/systemd/{random-seed,credential.secret} \
  "$tree"/boot/{vmlinuz,initrd.img}-* "$tree"/initrd.img* "$tree"/vmlinuz* "$tree"/etc/apt/sources.list "$tree"/etc/apt/sources.list.d/* \
  "$tree"/var/lib/apt/lists/* "$tree"/var/cache/{apt,ldconfig,debconf}/* "$tree"/var/log/* "$tree"/tmp/* "$tree"/run/* \
  "$tree"/etc/resolv.conf "$tree"/etc/hostname
echo uninitialized >"$tree/etc/machine-id"
echo debian >"$tree/etc/hostname"
printf '127.0.0.1 localhost\n127.0.1.1 debian\n::1 localhost ip6-localhost ip6-loopback\n' >"$tree/etc/hosts"
ln -s ../run/systemd/resolve/stub-resolv.conf "$tree/etc/resolv.conf"
for unit in apt-daily.timer apt-daily-upgrade.timer dpkg-db-backup.timer e2scrub_all.timer e2scrub_reap.service fstrim.timer; do
  ln -sf /dev/null "$tree/etc/systemd/system/$unit"
done
find "$tree" -newermt "@$SOURCE_DATE_EPOCH" -exec touch -h -d "@$SOURCE_DATE_EPOCH" {} +

# systemd-boot for UEFI is not installed in the guest: its one file comes along.
bootstrap extract "$work/efi" systemd-boot-efi >>"$CACHE/guest-debian.log" 2>&1 || die "systemd-boot could not be had" "see $CACHE/guest-debian.log"
boot_disk "$work/disk.raw" "$DISK" "$BOOT" "$work/vmlinuz" "$work/initrd" "$work/efi/usr/lib/systemd/boot/efi/systemd-bootx64.efi" \
  "root=LABEL=root ro console=tty0 console=ttyS0 quiet"
export E2FSPROGS_FAKE_TIME=$SOURCE_DATE_EPOCH
mke2fs -q -t ext4 -L root -m 1 -U 6b766972-7400-4000-8000-000000000001 -d "$tree" \
  -E "hash_seed=6b766972-7400-4000-8000-000000000002,lazy_itable_init=0,lazy_journal_init=0,nodiscard" \
  "$work/root.ext4" "$((DISK - BOOT - 1))M" >>"$CACHE/guest-debian.log" 2>&1 || die "mke2fs failed" "see $CACHE/guest-debian.log"
# mke2fs copies when a file was last changed here, which no tool can set beforehand. Inodes are used from the first on, without a gap.
stamp=$(date -u -d "@$SOURCE_DATE_EPOCH" +%Y%m%d%H%M%S)
used=$(dumpe2fs -h "$work/root.ext4" 2>/dev/null | awk -F: '/^Inode count/ {count = $2} /^Free inodes/ {free = $2} END {print count - free}')
seq 2 "$used" | sed "s/.*/sif <&> ctime $stamp\nsif <&> ctime_extra 0\nsif <&> atime $stamp\nsif <&> atime_extra 0/" >"$work/stamps"
debugfs -w -f "$work/stamps" "$work/root.ext4" >/dev/null 2>>"$CACHE/guest-debian.log"
dd if="$work/root.ext4" of="$work/disk.raw" bs=1M seek=$((BOOT + 1)) conv=notrunc,sparse status=none
mkdir "$work/out"
qemu-img convert -c -O qcow2 -o compression_type=zstd "$work/disk.raw" "$work/out/disk.qcow2"
sha256sum <"$work/disk.raw" | cut -d' ' -f1 >"$work/out/disk.raw.sha256"
mv -T "$work/out" "$out"
step "Debian guest: $((($(stat -c %s "$out/disk.qcow2") + 524288) / 1048576)) MB"
echo "$out/disk.qcow2"
