# shellcheck shell=bash
# Small images without a base: one layer made from a folder, reproducible, pushed to the local registry.
# Source it after common.sh.

# push_image NAME:TAG FOLDER ENTRYPOINT...: does nothing when the registry has that tag with that content.
push_image() {
  local reference=$1 folder=$2 work digest; shift 2
  work=$(mktemp -d "${TMPDIR:-/tmp}/image.XXXXXX")
  oci_layout "$work/oci" "$folder" "$@"
  digest=$(jq -r '.manifests[0].digest' "$work/oci/index.json")
  if [ "$(registry_digest "$reference")" != "$digest" ]; then
    skopeo copy --quiet --dest-tls-verify=false "oci:$work/oci" "docker://$REGISTRY_ADDRESS/$reference" >&2 ||
      die "the image $reference could not be pushed to $REGISTRY_ADDRESS" "see $LOGS/registry-registry.log"
  fi
  rm -rf "$work"
}

# registry_digest NAME:TAG: the manifest's digest in the local registry, nothing when it is not there.
registry_digest() {
  curl -sf --max-time 5 -o /dev/null -D - -H 'Accept: application/vnd.oci.image.manifest.v1+json' \
    "http://$REGISTRY_ADDRESS/v2/${1%:*}/manifests/${1##*:}" | tr -d '\r' | awk 'tolower($1) == "docker-content-digest:" { print $2 }' || true
}

# oci_layout OUTPUT FOLDER ENTRYPOINT...
oci_layout() {
  local out=$1 folder=$2 layer diff config manifest entrypoint; shift 2
  mkdir -p "$out/blobs/sha256"
  tar -C "$folder" --sort=name --mtime=@0 --owner=0 --group=0 --numeric-owner --format=gnu -cf "$out/layer.tar" .
  diff=$(sha256sum <"$out/layer.tar" | cut -c1-64)
  gzip -n -1 "$out/layer.tar"
  layer=$(blob "$out" <"$out/layer.tar.gz"); rm "$out/layer.tar.gz"
  entrypoint=$(printf '%s\n' "$@" | jq -Rnc '[inputs]')
  config=$(jq -cn --arg diff "sha256:$diff" --argjson entrypoint "$entrypoint" '{architecture: "amd64", os: "linux",
    config: {Entrypoint: $entrypoint, Env: ["PATH=/bin:/usr/bin"]}, rootfs: {type: "layers", diff_ids: [$diff]}}' | blob "$out")
  manifest=$(jq -cn --argjson config "$(descriptor "$out" "$config" application/vnd.oci.image.config.v1+json)" \
    --argjson layer "$(descriptor "$out" "$layer" application/vnd.oci.image.layer.v1.tar+gzip)" \
    '{schemaVersion: 2, mediaType: "application/vnd.oci.image.manifest.v1+json", config: $config, layers: [$layer]}' | blob "$out")
  jq -cn --argjson manifest "$(descriptor "$out" "$manifest" application/vnd.oci.image.manifest.v1+json)" \
    '{schemaVersion: 2, manifests: [$manifest]}' >"$out/index.json"
  echo '{"imageLayoutVersion":"1.0.0"}' >"$out/oci-layout"
}

# blob OUTPUT: stores standard input under its digest, prints the digest's hex part.
blob() { local hash; cat >"$1/blob"; hash=$(sha256sum <"$1/blob" | cut -c1-64); mv "$1/blob" "$1/blobs/sha256/$hash"; echo "$hash"; }

descriptor() { jq -cn --arg type "$3" --arg digest "sha256:$2" --argjson size "$(stat -c %s "$1/blobs/sha256/$2")" '{mediaType: $type, digest: $digest, size: $size}'; }
