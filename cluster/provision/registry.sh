#!/usr/bin/env bash
# The registry that the nodes pull from and this checkout pushes to. Its data is a cache: it outlives the cluster.
set -euo pipefail
# shellcheck source=lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
packages docker-registry

keep "$STATE/registry.yaml" "version: 0.1
log: {level: warn, accesslog: {disabled: true}}
storage:
  filesystem: {rootdirectory: $CACHE/registry}
  delete: {enabled: true}
  cache: {blobdescriptor: inmemory}
http: {addr: '$REGISTRY_ADDRESS', secret: local}"
mkdir -p "$CACHE/registry"
service registry env "CONFIGURATION=$(inputs_key "$STATE/registry.yaml")" OTEL_TRACES_EXPORTER=none "$(program docker-registry)" serve "$STATE/registry.yaml"
