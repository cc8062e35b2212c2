#!/usr/bin/env bash
# Builds the Go programs of the local cluster from the modules beside this file, each module into a folder of
# $CACHE named by its inputs, and links them all into $CACHE/bin. What is built already costs milliseconds.
# An interrupted build resumes: Go keeps each compiled package.
#
#   build.sh [MODULE...]     without a name: all that the cluster itself needs
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=../lib/common.sh
. "$here/../lib/common.sh"

GO_NEEDED=1.26

# module | seconds on two free cores | build flags | packages
modules() {
  local kubernetes containerd upstream version='' v
  kubernetes=$(pinned kubernetes k8s.io/kubernetes)
  containerd=$(pinned containerd github.com/containerd/containerd/v2)
  v=${kubernetes#v}
  for package in k8s.io/component-base/version k8s.io/client-go/pkg/version; do
    version+=" -X $package.gitVersion=$kubernetes -X $package.gitMajor=${v%%.*} -X $package.gitMinor=$(cut -d. -f2 <<<"$v") -X $package.gitTreeState=clean"
  done
  echo "machine-init|2|||."
  echo "pause|1|||."
  echo "containerd|80|-tags=no_btrfs,no_zfs,no_devmapper|-X github.com/containerd/containerd/v2/version.Version=$containerd|$(tools_of containerd)"
  echo "coredns|60|||."
  echo "local-path|30||-X main.VERSION=$(pinned local-path github.com/rancher/local-path-provisioner)|$(tools_of local-path)"
  echo "block-provisioner|40|||."
  echo "kubernetes|330||$version|$(tools_of kubernetes)"
  upstream=$(pinned upstream-virtctl kubevirt.io/kubevirt)
  echo "upstream-virtctl|130||-X kubevirt.io/client-go/version.gitVersion=$upstream|$(tools_of upstream-virtctl)"
}

# Only tests want these.
OPTIONAL=" upstream-virtctl "

# pinned MODULE PATH: the version that MODULE's go.mod requires.
pinned() { awk -v path="$2" '{ for (i = 1; i < NF; i++) if ($i == path && $(i+1) ~ /^v/) { print $(i+1); exit } }' "$here/$1/go.mod"; }

# tools_of MODULE: the programs that its go.mod names with tool directives.
tools_of() { awk '$1 == "tool" && $2 == "(" { inside = 1; next } inside && $1 == ")" { inside = 0 } inside { printf "%s ", $1 } $1 == "tool" && $2 != "(" { printf "%s ", $2 }' "$here/$1/go.mod"; }

need_go() {
  local have
  command -v go >/dev/null || die "the Go toolchain is missing" "install Go $GO_NEEDED or newer and put it on PATH"
  have=$(go env GOVERSION); have=${have#go}
  [ "$(printf '%s\n' "$GO_NEEDED" "$have" | sort -V | head -1)" = "$GO_NEEDED" ] ||
    die "Go $have is too old for Kubernetes' modules" "install Go $GO_NEEDED or newer"
}

# build MODULE SECONDS FLAGS LDFLAGS PACKAGES FOLDER
build() {
  local module=$1 seconds=$2 flags=$3 ldflags=$4 folder=$6 packages log=$CACHE/build-$1.log partial=$6.partial
  read -ra packages <<<"$5"
  need_go
  step "building $module (about ${seconds} s on two free cores; may be interrupted, resumes where it was)"
  rm -rf "$partial"; mkdir -p "$partial"
  (cd "$here/$module" && CGO_ENABLED=0 GOFLAGS='-mod=readonly -buildvcs=false' nice -n 5 \
    go build -trimpath ${flags:+"$flags"} -ldflags "-s -w $ldflags" -o "$partial/" "${packages[@]}") >"$log" 2>&1 ||
    { tail -n 5 "$log" >&2; die "$module could not be built" "the whole output is in $log"; }
  mv -T "$partial" "$folder"
}

main() {
  local module seconds flags ldflags packages key folder file f files wanted=" $* "
  mkdir -p "$CACHE" "$BIN"
  exec 7>"$CACHE/build.lock"
  flock -n 7 || { step "another run is building the cluster's programs; waiting for it"; flock 7; }
  while IFS='|' read -r module seconds flags ldflags packages; do
    if [ $# = 0 ]; then case $OPTIONAL in *" $module "*) continue ;; esac
    else case $wanted in *" $module "*) ;; *) continue ;; esac; fi
    files=()
    for file in "$here/$module"/*.go "$here/$module"/go.mod "$here/$module"/go.sum; do [ ! -f "$file" ] || files+=("$file"); done
    key=$(inputs_key "${files[@]}" "$flags" "$ldflags" "$packages")
    folder=$CACHE/bin-$module-$key
    [ -d "$folder" ] || build "$module" "$seconds" "$flags" "$ldflags" "$packages" "$folder"
    # The programs of optional modules are called by their folder: their names may be those of ours.
    case $OPTIONAL in *" $module "*) ln -sfT "$folder" "$CACHE/$module"; keep_used "bin-$module" "$folder"; continue ;; esac
    for f in "$folder"/*; do
      [ "$(readlink "$BIN/${f##*/}" 2>/dev/null)" = "$f" ] || ln -sfT "$f" "$BIN/${f##*/}"
    done
    keep_used "bin-$module" "$folder"
  done < <(modules)
  exec 7>&-
}
main "$@"
