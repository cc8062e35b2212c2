#!/usr/bin/env bash
# Builds this tree and deploys it to the running cluster: programs, images, manifests; only what changed. Waits until the new
# pods are ready and says which are not, and why.
#
#   cluster/sync.sh [--build-only]     --build-only needs no cluster: it compiles and makes the images
#
# A cluster of your own: set KUBECONFIG to it and REGISTRY to where its nodes pull from (registry.example.org/me; log in with
# `skopeo login`; REGISTRY_INSECURE=1 for one without TLS).
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=lib/common.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib/common.sh"
# shellcheck source-path=SCRIPTDIR source=packages.sh
. "$ROOT/cluster/packages.sh"
# shellcheck source-path=SCRIPTDIR source=lib/rollout.sh
. "$ROOT/cluster/lib/rollout.sh"
cd "$ROOT"

build_only=
case ${1:-} in
  '') ;;
  --build-only) build_only=1 ;;
  *) die "sync.sh does not know $1" "usage: cluster/sync.sh [--build-only]" ;;
esac
PROGRAMS=(virt-api virt-controller virt-handler virt-launcher virtctl)
GUESTS=(tools guest guest-boot-sector)
ROLLOUT_TIMEOUT=${ROLLOUT_TIMEOUT:-180}
kubectl() { "$ROOT/cluster/kubectl.sh" "$@"; }

command -v cargo >/dev/null || die "cargo was not found" "install Rust with rustup"
build_packages
mkdir -p "$CACHE"
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT
if [ -z "$build_only" ]; then
  # Before minutes of compiling, not after them.
  kubectl get --raw /readyz --request-timeout=10s >/dev/null 2>"$work/error" || die "the cluster does not answer: $(tail -n 1 "$work/error")" \
    "run cluster/up.sh, or set KUBECONFIG to a cluster that runs"
fi

# The images without our programs need nothing from cargo: make them meanwhile.
NO_PUSH=1 images/build.sh "${GUESTS[@]}" >/dev/null & guests=$!

step "compiling (cargo build)"
build=(cargo build)
[ -t 2 ] || build+=(--quiet)
for program in "${PROGRAMS[@]}"; do build+=(--bin "$program"); done
"${build[@]}" >&2 || die "the programs do not compile" "the compiler's messages are above"
# This one runs inside of other people's images, which have no libraries. Cargo writes it where a plain build would write it
# dynamically linked, so the static one is put aside.
cargo rustc --quiet -p virt-launcher --bin container-disk-copy -- -C target-feature=+crt-static >&2 || die "container-disk-copy does not compile"
copy=$CARGO_TARGET_DIR/debug/container-disk-copy
cmp -s "$copy" "$copy.static" || cp "$copy" "$copy.static"
wait "$guests" || die "the root file systems or guests could not be made" "see the messages above"

if [ -n "$build_only" ]; then
  NO_PUSH=1 images/build.sh "${PROGRAMS[@]}" "${GUESTS[@]}" >/dev/null
  step "built"
  exit
fi
# Server-side apply throughout: the definitions are too large for the annotation of the other kind, and what virt-api fills in
# (certificate authorities) is left alone, as the manifests do not name it.
apply() {
  kubectl apply --server-side --force-conflicts --field-manager=kubevirt-sync -f "$1" >/dev/null 2>"$1.error" \
    || die "the manifests were not accepted: $(tail -n 1 "$1.error")" "all messages: $(paste -sd' ' "$1.error")"
}

# definitions: the CRDs take some seconds and need no image: they are applied while the images are pushed.
definitions() {
  local names
  cp manifests/crds.yaml "$work/crds.yaml"
  apply "$work/crds.yaml"
  mapfile -t names < <(sed -n 's|^  name: |crd/|p' manifests/crds.yaml)
  kubectl wait --for=condition=Established --timeout=60s "${names[@]}" >/dev/null 2>"$work/error" \
    || die "a CustomResourceDefinition is not established: $(tail -n 1 "$work/error")" "cluster/kubectl.sh describe it"
}

step "images and definitions"
definitions & definitions=$!
images/build.sh "${PROGRAMS[@]}" "${GUESTS[@]}" >"$work/images" || { kill "$definitions" 2>/dev/null || true; wait; die "the images could not be made or pushed" "see the messages above"; }
wait "$definitions" || die "the definitions are not in place" "see the message above"

# In the manifests images bear the tag devel; what is applied names the very content, so that only pods whose image changed are
# replaced, and a pod's image says what runs in it.
while IFS='=' read -r name image; do
  printf 's|%s/kubevirt/%s:devel|%s|g\n' "$REGISTRY_NAME" "$name" "$image"
done <"$work/images" >"$work/substitutions"
for manifest in manifests/*.yaml; do
  [ "$manifest" = manifests/crds.yaml ] || { printf -- '---\n'; sed -f "$work/substitutions" "$manifest"; }
done >"$work/all.yaml"
step "manifests"
apply "$work/all.yaml"

step "waiting for the pods (at most ${ROLLOUT_TIMEOUT}s)"
rollout kubevirt "$ROLLOUT_TIMEOUT" deployment/virt-api deployment/virt-controller daemonset/virt-handler
# The local cluster's own settings, once: what is changed afterwards stays.
if [ -z "${REGISTRY:-}" ] && [ -z "$(kubectl get kubevirts.kubevirt.io -A -o name 2>/dev/null)" ]; then
  wait_for 30 "the kind KubeVirt" kubectl apply --server-side -f cluster/kubevirt.yaml
fi
step "KubeVirt is deployed and ready"
