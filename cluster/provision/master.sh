#!/usr/bin/env bash
# A master: kube-apiserver, and on the first one the controller manager and the scheduler. There is one of each of
# these, restarted when it dies: a second pair would only cost memory and lease writes.
set -euo pipefail
# shellcheck source=lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

keep "$STATE/audit.yaml" 'apiVersion: audit.k8s.io/v1
kind: Policy
omitStages: [RequestReceived]
rules:
- {level: None, verbs: [get], nonResourceURLs: [/readyz*, /livez*, /healthz*]}
- {level: Metadata}'

# The endpoints of the service "kubernetes" are ha-proxy (manifests/api.yaml), not the single masters: pods too
# survive the loss of one. Hence no reconciler of endpoints.
service kube-apiserver env GOMEMLIMIT=700MiB "CONFIGURATION=$(inputs_key "$STATE/audit.yaml" "$PKI/apiserver.crt" "$PKI/ca.crt")" "$(program kube-apiserver)" \
  --etcd-servers="https://$ETCD_ADDRESS:2379" --etcd-cafile="$PKI/etcd-ca.crt" \
  --etcd-certfile="$PKI/etcd-client.crt" --etcd-keyfile="$PKI/etcd-client.key" \
  --bind-address="$ADDRESS" --advertise-address="$ADDRESS" --secure-port="$API_PORT" --endpoint-reconciler-type=none \
  --tls-cert-file="$PKI/apiserver.crt" --tls-private-key-file="$PKI/apiserver.key" --client-ca-file="$PKI/ca.crt" \
  --service-account-key-file="$PKI/sa.pub" --service-account-signing-key-file="$PKI/sa.key" \
  --service-account-issuer="https://kubernetes.default.svc.$CLUSTER_DOMAIN" --service-cluster-ip-range="$SERVICE_RANGE" \
  --authorization-mode=Node,RBAC --enable-admission-plugins=NodeRestriction --allow-privileged=true \
  --kubelet-client-certificate="$PKI/kubelet-client.crt" --kubelet-client-key="$PKI/kubelet-client.key" \
  --kubelet-certificate-authority="$PKI/ca.crt" --kubelet-preferred-address-types=InternalIP \
  --requestheader-client-ca-file="$PKI/front-proxy-ca.crt" --requestheader-allowed-names=front-proxy-client \
  --requestheader-username-headers=X-Remote-User --requestheader-group-headers=X-Remote-Group \
  --requestheader-extra-headers-prefix=X-Remote-Extra- \
  --proxy-client-cert-file="$PKI/front-proxy-client.crt" --proxy-client-key-file="$PKI/front-proxy-client.key" \
  --enable-aggregator-routing=true --profiling=false --event-ttl=1h --shutdown-delay-duration=0s \
  --audit-policy-file="$STATE/audit.yaml" --audit-log-path="$LOGS/audit-$MACHINE.log" \
  --audit-log-maxsize=100 --audit-log-maxbackup=2

[ "$MACHINE" = master1 ] || exit 0
service kube-controller-manager "$(program kube-controller-manager)" --kubeconfig="$STATE/controller-manager.kubeconfig" \
  --bind-address=127.0.0.1 --leader-elect=false --profiling=false --use-service-account-credentials \
  --service-account-private-key-file="$PKI/sa.key" --root-ca-file="$PKI/ca.crt" \
  --cluster-signing-cert-file="$PKI/ca.crt" --cluster-signing-key-file="$PKI/ca.key" \
  --allocate-node-cidrs=false --kube-api-qps=100 --kube-api-burst=200
service kube-scheduler "$(program kube-scheduler)" --kubeconfig="$STATE/scheduler.kubeconfig" \
  --bind-address=127.0.0.1 --leader-elect=false --profiling=false
