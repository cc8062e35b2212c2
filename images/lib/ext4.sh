# shellcheck shell=bash
# A partition with ext4, made from a folder without mounting anything, the same bytes each time. Source after lib/debian.sh.
# shellcheck disable=SC2034  # used by the guests' build.sh
EXT4_PACKAGES=(e2fsprogs)

# ext4_partition IMAGE AT SIZE LABEL UUID TREE [mke2fs option...]: puts TREE at AT MiB of the raw disk IMAGE, SIZE MiB large.
ext4_partition() {
  local image=$1 at=$2 size=$3 label=$4 uuid=$5 tree=$6 part=$1.ext4 stamp used; shift 6
  find "$tree" -newermt "@$SOURCE_DATE_EPOCH" -exec touch -h -d "@$SOURCE_DATE_EPOCH" {} +
  rm -f "$part"
  E2FSPROGS_FAKE_TIME=$SOURCE_DATE_EPOCH mke2fs -q -t ext4 -L "$label" -m 1 -U "$uuid" -d "$tree" \
    -E "hash_seed=$uuid,lazy_itable_init=0,lazy_journal_init=0,nodiscard" "$@" "$part" "${size}M" >/dev/null 2>&1 \
    || die "mke2fs failed on $part" "is $size MiB enough for $tree"
  # mke2fs copies when a file was last changed here, which no tool can set beforehand. Inodes are used from the first on, without a gap.
  stamp=$(date -u -d "@$SOURCE_DATE_EPOCH" +%Y%m%d%H%M%S)
  used=$(dumpe2fs -h "$part" 2>/dev/null | awk -F: '/^Inode count/ {count = $2} /^Free inodes/ {free = $2} END {print count - free}')
  seq 2 "$used" | sed "s/.*/sif <&> ctime $stamp\nsif <&> ctime_extra 0\nsif <&> atime $stamp\nsif <&> atime_extra 0/" \
    | E2FSPROGS_FAKE_TIME=$SOURCE_DATE_EPOCH debugfs -w -f /dev/stdin "$part" >/dev/null 2>&1
  dd if="$part" of="$image" bs=1M seek="$at" conv=notrunc,sparse status=none
  rm "$part"
}
