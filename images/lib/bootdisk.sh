# shellcheck shell=bash
# Bootable disks without loop devices or mounts, for BIOS (syslinux) and UEFI (systemd-boot), the same bytes each time.
# Source after lib/debian.sh. Sizes are in MiB; partition 1 starts at 1 MiB.
# shellcheck disable=SC2034  # used by the guests' build.sh
BOOT_DISK_PACKAGES=(fdisk dosfstools mtools syslinux syslinux-common qemu-utils)
SYSLINUX_MBR=/usr/lib/syslinux/mbr/mbr.bin

# boot_disk IMAGE DISK-SIZE BOOT-SIZE KERNEL INITRD SYSTEMD-BOOT COMMAND-LINE: a raw disk whose first partition boots the kernel
# either way. What lies behind the boot partition becomes partition 2 (Linux) where there is room.
boot_disk() {
  local image=$1 size=$2 boot=$3 kernel=$4 initrd=$5 efi=$6 line=$7 at=$1@@1M script
  rm -f "$image"; truncate -s "${size}M" "$image"
  script=$(printf 'label: dos\nlabel-id: 0x6b766972\nstart=2048, size=%d, type=ef, bootable\n' $((boot * 2048)))
  [ $((boot + 1)) -ge "$size" ] || script+=$(printf '\nstart=%d, type=83\n' $(((boot + 1) * 2048)))
  sfdisk -q "$image" <<<"$script"
  dd if="$SYSLINUX_MBR" of="$image" conv=notrunc status=none
  # Its warning about the number of blocks is about the whole disk, of which it gets a part.
  mkfs.vfat --invariant -i 6b766972 -n BOOT --offset 2048 -F 16 "$image" $((boot * 1024)) >/dev/null 2>&1 \
    || die "mkfs.vfat failed on $image"
  local config; config=$(mktemp -d)
  printf 'DEFAULT linux\nPROMPT 0\nTIMEOUT 0\nLABEL linux\n  LINUX /vmlinuz\n  INITRD /initrd\n  APPEND %s\n' "$line" >"$config/syslinux.cfg"
  printf 'timeout 0\ndefault linux.conf\n' >"$config/loader.conf"
  printf 'title linux\nlinux /vmlinuz\ninitrd /initrd\noptions %s\n' "$line" >"$config/linux.conf"
  touch -d "@$SOURCE_DATE_EPOCH" "$config"/* "$kernel" "$initrd"
  export MTOOLS_SKIP_CHECK=1 TZ=UTC
  mmd -i "$at" ::/EFI ::/EFI/BOOT ::/loader ::/loader/entries
  # The files that the BIOS road reads come first, in one piece each.
  syslinux --offset $((1024 * 1024)) --install "$image"
  mcopy -m -i "$at" "$kernel" ::/vmlinuz
  mcopy -m -i "$at" "$initrd" ::/initrd
  mcopy -m -i "$at" "$config/syslinux.cfg" ::/syslinux.cfg
  mcopy -m -i "$at" "$efi" ::/EFI/BOOT/BOOTX64.EFI
  mcopy -m -i "$at" "$config/loader.conf" ::/loader/loader.conf
  mcopy -m -i "$at" "$config/linux.conf" ::/loader/entries/linux.conf
  rm -r "$config"
}
