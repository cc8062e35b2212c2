#!/usr/bin/env bash
# etcd, the cluster's one store, reachable with a client certificate alone.
set -euo pipefail
# shellcheck source=lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
packages etcd-server

url=https://$ETCD_ADDRESS:2379
# Without fsync a power cut may damage the data (up.sh then starts with an empty store); a killed process does not.
service etcd "$(program etcd)" --name=etcd --data-dir="$STATE/etcd" --unsafe-no-fsync --logger=zap --log-level=warn \
  --listen-client-urls="$url" --advertise-client-urls="$url" --listen-peer-urls=http://127.0.0.1:2380 \
  --initial-advertise-peer-urls=http://127.0.0.1:2380 --initial-cluster=etcd=http://127.0.0.1:2380 \
  --cert-file="$PKI/etcd.crt" --key-file="$PKI/etcd.key" --client-cert-auth --trusted-ca-file="$PKI/etcd-ca.crt" \
  --quota-backend-bytes=4294967296 --listen-metrics-urls=http://127.0.0.1:2381
