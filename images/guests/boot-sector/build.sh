#!/usr/bin/env bash
# images/guests/boot-sector/build.sh: assembles the boot sector into a 1 MiB raw disk and prints its path. Cached by its inputs.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source-path=SCRIPTDIR source=../../../cluster/lib/common.sh
. "$here/../../../cluster/lib/common.sh"

out=$CACHE/guest-boot-sector-$(inputs_key "$here/build.sh" "$here/boot-sector.s")
if [ -f "$out/disk.img" ]; then echo "$out/disk.img"; exit; fi
packages binutils >&2
mkdir -p "$CACHE"
work=$(mktemp -d "$CACHE/guest-boot-sector.XXXXXX"); trap 'rm -rf "$work"' EXIT
as --32 -o "$work/sector.o" "$here/boot-sector.s"
ld -m elf_i386 --oformat binary -Ttext 0x7c00 -e _start -o "$work/disk.img" "$work/sector.o"
[ "$(stat -c %s "$work/disk.img")" = 512 ] || die "the boot sector is $(stat -c %s "$work/disk.img") bytes, not 512"
truncate -s 1M "$work/disk.img"
rm "$work/sector.o"
mkdir -p "$out"; mv "$work/disk.img" "$out/disk.img"
echo "$out/disk.img"
