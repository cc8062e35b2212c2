# shellcheck shell=bash
# The Debian packages that building needs, said once. Source it after lib/common.sh.
build_packages() {
  packages gcc libc6-dev binutils clang mold pkg-config libvirt-dev protobuf-compiler git jq
}
