# shellcheck shell=bash
# Root file systems from Debian packages: which mirror, which suite, how they are made the same twice.
# Source after cluster/lib/common.sh.
SUITE=${KUBEVIRT_SUITE:-trixie}                       # Debian 13: QEMU 10, libvirt 11
export SOURCE_DATE_EPOCH=1767225600                   # every file we write bears this time

# Prints sources.list lines for a suite, on the mirrors that this machine's own apt is set up to use
# (DEBIAN_MIRROR and DEBIAN_SECURITY_MIRROR override them; machines that do not run Debian need to set both).
debian_sources() {
  local main security
  main=${DEBIAN_MIRROR:-$(_mirror Debian)}
  security=${DEBIAN_SECURITY_MIRROR:-$(_mirror Debian-Security)}
  [ -n "$main" ] || die "this machine's apt names no Debian mirror" "set DEBIAN_MIRROR to one that has $1"
  printf 'deb %s %s main\n' "$main" "$1"
  [ -z "$security" ] || printf 'deb %s %s-security main\n' "$security" "$1"
}
_mirror() {
  # shellcheck disable=SC2016  # apt expands these, not the shell
  apt-get indextargets --format '$(LABEL) $(REPO_URI)' 'Created-By: Packages' 2>/dev/null | awk -v l="$1" '$1==l{print $2; exit}'
}

# bootstrap VARIANT TARGET PACKAGES(comma separated) [mmdebstrap option...]: runs mmdebstrap with the machine's proxy settings.
bootstrap() {
  local variant=$1 target=$2 include=$3 sources option options=(); shift 3
  sources=$(debian_sources "$SUITE")
  # mmdebstrap starts from an empty apt configuration: hand on what is needed to reach the mirrors.
  while read -r option; do options+=(--aptopt="${option%;}"); done \
    < <(apt-config dump | grep -E '^Acquire::(https?::|Check-|Retries)' | grep -v '::$' || true)
  mmdebstrap --mode=root --variant="$variant" --aptopt='APT::Install-Recommends "false"' --aptopt='Acquire::Languages "none"' \
    "${options[@]}" --include="$include" "$@" "$SUITE" "$target" - <<<"$sources"
}

# pack_tree DIRECTORY TAR [tar option...]: the same bytes for the same content, whoever packs it and when.
pack_tree() {
  local tree=$1 tar=$2; shift 2
  tar -C "$tree" --format=gnu --sort=name --mtime="@$SOURCE_DATE_EPOCH" --numeric-owner "$@" -cf "$tar" .
}
