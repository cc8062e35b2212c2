#!/usr/bin/env bash
# images/build.sh [NAME...]: makes the named images (all by default), pushes what is missing to the registry and prints one
# line NAME=IMAGE for each, IMAGE being what a pod names. Programs are taken from cargo's target folder as they are there:
# build them first (cluster/sync.sh does).
#
#   REGISTRY    push there instead of to the local cluster's registry, for example registry.example.org/me (skopeo login first)
#   REGISTRY_INSECURE=1   REGISTRY speaks plain HTTP, or has a certificate that nobody knows
#   NO_PUSH=1   only make the images, as OCI layouts in $CACHE/oci
#   KUBEVIRT_PROFILE   the folder in cargo's target folder, debug by default
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source-path=SCRIPTDIR source=../cluster/lib/common.sh
. "$here/../cluster/lib/common.sh"
# shellcheck source-path=SCRIPTDIR source=lib/debian.sh
. "$here/lib/debian.sh"
# shellcheck source-path=SCRIPTDIR source=lib/oci.sh
. "$here/lib/oci.sh"

PROGRAMS=(virt-api virt-controller virt-handler virt-launcher virtctl)
GUESTS=(guest guest-boot-sector debian)
names=("$@")
[ ${#names[@]} -gt 0 ] || names=("${PROGRAMS[@]}" tools "${GUESTS[@]}")
PATHS='"Env":["PATH=/usr/sbin:/usr/bin"],"WorkingDir":"/"'

# program NAME [FILE-IN-TARGET=NAME-IN-IMAGE]: a layer with the program (and the other one) in /usr/bin, without debug information.
# Made anew only when a program changed.
program() {
  local name=$1 pair stats='' tar work folder=$CARGO_TARGET_DIR/${KUBEVIRT_PROFILE:-debug} pairs=("$1=$1" "${@:2}")
  for pair in "${pairs[@]}"; do
    [ -f "$folder/${pair%=*}" ] || die "there is no $folder/${pair%=*}" "build it first: cluster/sync.sh --build-only"
    stats+=$(stat -c '%n %i %s %Y %Z' "$folder/${pair%=*}")
  done
  tar=$OCI/programs/$name-$(inputs_key "$stats").tar
  if [ ! -f "$tar" ]; then
    mkdir -p "$OCI/programs"
    rm -f "$OCI/programs/$name"-[0-9a-f]*.tar*
    work=$(mktemp -d "$OCI/tmp.XXXXXX")
    mkdir -p "$work/usr/bin"
    for pair in "${pairs[@]}"; do strip --strip-debug -o "$work/usr/bin/${pair#*=}" "$folder/${pair%=*}"; done
    chmod -R 755 "$work"
    pack_tree "$work" "$tar.part" --owner=0 --group=0
    mv "$tar.part" "$tar"; rm -r "$work"
  fi
  layer "$tar"
}

# disk FILE: a layer with a containerDisk: the one file in /disk, readable by QEMU's user alone.
disk() {
  local tar work
  tar=$(dirname "$1")/layer.tar
  if [ ! -f "$tar" ]; then
    work=$(mktemp -d "$OCI/tmp.XXXXXX"); chmod 755 "$work"
    mkdir "$work/disk"; cp "$1" "$work/disk/"; chmod 555 "$work/disk"; chmod 440 "$work/disk"/*
    pack_tree "$work" "$tar.part" --owner=107 --group=107
    mv "$tar.part" "$tar"; rm -rf "$work"
  fi
  layer "$tar"
}

# What takes minutes the first time is made side by side.
wants() { local name; for name in "${names[@]}"; do case " $* " in *" $name "*) return 0 ;; esac; done; return 1; }
in_background() { local name=$1; shift; { "$@" >"$OCI/path-$name.$$" && mv "$OCI/path-$name.$$" "$OCI/path-$name"; } & jobs+=("$!"); labels+=("$name"); }
jobs=() labels=()
packages "${OCI_PACKAGES[@]}" binutils >&2
mkdir -p "$OCI"
if wants "${PROGRAMS[@]}" tools; then in_background rootfs "$here/rootfs/build.sh"; fi
if wants guest; then in_background guest "$here/guests/guest/build.sh"; fi
if wants guest-boot-sector; then in_background guest-boot-sector "$here/guests/boot-sector/build.sh"; fi
if wants debian; then in_background debian "$here/guests/debian/build.sh"; fi
failed=
for i in "${!jobs[@]}"; do wait "${jobs[$i]}" || failed+=" ${labels[$i]}"; done
[ -z "$failed" ] || die "could not be made:$failed" "see the messages above"

if wants "${PROGRAMS[@]}" tools; then
  rootfs=$(<"$OCI/path-rootfs")
  keep_used rootfs "$rootfs"
  base=$(layer "$rootfs/base.tar") virt=$(layer "$rootfs/virt.tar")
fi
prefix=${REGISTRY:-$REGISTRY_NAME/kubevirt}
target=${REGISTRY:-$REGISTRY_ADDRESS/kubevirt}
local=1; [ -z "${REGISTRY:-}" ] || local=
for name in "${names[@]}"; do
  run="\"Entrypoint\":[\"/usr/bin/$name\"],$PATHS"
  case $name in
    virt-api | virt-controller | virtctl) digest=$(image "$name" "{\"User\":\"1001:1001\",$run}" "$base" "$(program "$name")") ;;
    virt-handler) digest=$(image "$name" "{\"User\":\"0:0\",$run}" "$base" "$virt" "$(program "$name")") ;;
    virt-launcher) digest=$(image "$name" "{\"User\":\"107:107\",$run}" "$base" "$virt" \
      "$(program "$name" container-disk-copy.static=container-disk-copy)") ;;
    tools) digest=$(image "$name" "{\"User\":\"107:107\",\"Cmd\":[\"/usr/bin/sh\"],$PATHS}" "$base" "$virt") ;;
    guest | guest-boot-sector | debian)
      file=$(<"$OCI/path-$name")
      digest=$(image "$name" '{"User":"107:107"}' "$(disk "$file")")
      folder=$(dirname "$file")
      keep_used "$(basename "${folder%-*}")" "$folder" ;;
    *) die "there is no image $name" "the images are: ${PROGRAMS[*]} tools ${GUESTS[*]}" ;;
  esac
  [ -n "${NO_PUSH:-}" ] || push "$name" "$digest" "$target" "$local"
  printf '%s=%s/%s:%s\n' "$name" "$prefix" "$name" "${digest:0:12}"
done
prune
