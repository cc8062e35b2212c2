# shellcheck shell=bash
# OCI images by hand: blobs, manifests, push. Source after cluster/lib/common.sh and lib/debian.sh.
# All images share one folder of blobs, so that a layer is stored, hashed and pushed once.
OCI=$CACHE/oci
BLOBS=$OCI/blobs/sha256
# shellcheck disable=SC2034  # used by images/build.sh
OCI_PACKAGES=(skopeo jq curl)

# blob FILE: stores the file as a blob and prints its sha256 in hex. The file may be a hard link of the blob afterwards.
blob() {
  local digest
  digest=$(sha256sum <"$1"); digest=${digest%% *}
  mkdir -p "$BLOBS"
  [ -f "$BLOBS/$digest" ] || { ln -f "$1" "$BLOBS/$digest.$$" 2>/dev/null || cp "$1" "$BLOBS/$digest.$$"; mv -f "$BLOBS/$digest.$$" "$BLOBS/$digest"; }
  touch -c -a "$BLOBS/$digest"
  printf '%s' "$digest"
}

# layer TAR: like blob, for a tar that never changes: its digest is remembered beside it.
layer() {
  if [ -f "$1.sha256" ] && [ -f "$BLOBS/$(<"$1.sha256")" ]; then cat "$1.sha256"; return; fi
  blob "$1" | tee "$1.sha256"
}

# image NAME CONFIG LAYER-DIGEST...: makes the image's layout $OCI/NAME and prints the manifest's digest in hex. CONFIG is the
# JSON of the image's `config` (User, Entrypoint, ...). Layers are not compressed: on a local network that is the fastest way,
# and pushing to anybody else's registry compresses them.
image() {
  local name=$1 config=$2 created digest layers=() ids=() work; shift 2
  created=$(date -u -d "@$SOURCE_DATE_EPOCH" +%Y-%m-%dT%H:%M:%SZ)
  for digest; do
    ids+=("\"sha256:$digest\"")
    layers+=("{\"mediaType\":\"application/vnd.oci.image.layer.v1.tar\",\"digest\":\"sha256:$digest\",\"size\":$(stat -c %s "$BLOBS/$digest")}")
  done
  work=$(mktemp -d "$OCI/tmp.XXXXXX")
  printf '{"created":"%s","architecture":"amd64","os":"linux","config":%s,"rootfs":{"type":"layers","diff_ids":[%s]}}' \
    "$created" "$config" "$(_comma "${ids[@]}")" >"$work/config"
  printf '{"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json","config":{"mediaType":"application/vnd.oci.image.config.v1+json","digest":"sha256:%s","size":%d},"layers":[%s]}' \
    "$(blob "$work/config")" "$(stat -c %s "$work/config")" "$(_comma "${layers[@]}")" >"$work/manifest"
  digest=$(blob "$work/manifest")
  mkdir -p "$OCI/$name"
  printf '{"imageLayoutVersion":"1.0.0"}' >"$OCI/$name/oci-layout"
  printf '{"schemaVersion":2,"manifests":[{"mediaType":"application/vnd.oci.image.manifest.v1+json","digest":"sha256:%s","size":%d,"annotations":{"org.opencontainers.image.ref.name":"devel"}}]}' \
    "$digest" "$(stat -c %s "$work/manifest")" >"$work/index"
  mv "$work/index" "$OCI/$name/index.json"
  rm -r "$work"
  printf '%s' "$digest"
}
_comma() { local IFS=,; printf '%s' "$*"; }

# push NAME DIGEST PREFIX LOCAL: pushes $OCI/NAME as PREFIX/NAME:devel and PREFIX/NAME:<12 hex of DIGEST>, only what is missing.
# LOCAL is 1 for a registry without TLS that takes the image as it is.
push() {
  local name=$1 digest=$2 prefix=$3 local=$4 tag host path options=(--quiet)
  [ -z "${REGISTRY_INSECURE:-}" ] || options+=(--dest-tls-verify=false)
  if [ -n "$local" ]; then
    options+=(--dest-tls-verify=false --preserve-digests)
    host=${prefix%%/*} path=${prefix#"$host"}
  fi
  for tag in "${digest:0:12}" devel; do
    # A registry that has it already is asked in milliseconds; skopeo itself takes longer to start.
    [ -z "$local" ] || [ "$(_remote_digest "http://$host/v2$path/$name/manifests/$tag")" != "sha256:$digest" ] || continue
    _skopeo "${options[@]}" "$prefix/$name:$tag" "$name" || die "the image $name could not be pushed to $prefix: $(tail -1 "$OCI/push-$name.log")" \
      "check that the registry runs (cluster/up.sh starts the local one) and that you are logged in to it (skopeo login)"
  done
}
_skopeo() {
  local options=("${@:1:$#-2}") destination=${*: -2:1} name=${*: -1}
  timeout 600 skopeo copy "${options[@]}" --src-shared-blob-dir "$OCI/blobs" "oci:$OCI/$name:devel" "docker://$destination" >"$OCI/push-$name.log" 2>&1
}
_remote_digest() {
  curl -sfI --max-time 5 -H 'Accept: application/vnd.oci.image.manifest.v1+json' "$1" 2>/dev/null \
    | tr -d '\r' | awk 'tolower($1)=="docker-content-digest:"{print $2}'
}

# prune: removes blobs that no image of ours refers to and that nobody touched for a day.
prune() {
  local used; used=$(mktemp)
  cat "$OCI"/*/index.json 2>/dev/null | grep -oE 'sha256:[0-9a-f]{64}' | cut -d: -f2 | sort -u >"$used"
  while read -r digest; do grep -oE 'sha256:[0-9a-f]{64}' "$BLOBS/$digest" 2>/dev/null | cut -d: -f2; done <"$used" >"$used.more"
  cat "$used.more" >>"$used"
  find "$BLOBS" -type f -amin +1440 -mmin +1440 -printf '%f\n' 2>/dev/null | grep -vFxf "$used" | while read -r digest; do rm -f "$BLOBS/$digest"; done || true
  rm -f "$used" "$used.more"
}
