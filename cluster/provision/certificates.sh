#!/usr/bin/env bash
# Keys, certificates and kubeconfigs of the whole cluster, in $STATE. Keeps what is there and still valid for 30
# days for the same names; a new CA renews everything signed by the old one. Every kubeconfig points at ha-proxy.
set -euo pipefail
MACHINE=${MACHINE:-haproxy}
# shellcheck source=lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
packages openssl
umask 077
mkdir -p "$PKI"
DAYS=730

# lasts FILE: the certificate is there and has 30 days left.
lasts() { [ -s "$1" ] && openssl x509 -in "$1" -noout -checkend 2592000 >/dev/null 2>&1; }

authority() { # NAME
  ! { lasts "$PKI/$1.crt" && [ -s "$PKI/$1.key" ]; } || return 0
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$PKI/$1.key" -out "$PKI/$1.crt" \
    -days 3650 -subj "/CN=kubevirt-local-$1" -addext keyUsage=critical,keyCertSign,cRLSign 2>/dev/null
}

certificate() { # NAME SUBJECT ALTERNATIVE-NAMES [AUTHORITY]
  local name=$1 subject=$2 names=$3 authority=${4:-ca} wanted
  wanted="$subject $names $(inputs_key "$PKI/$authority.crt")"
  ! { lasts "$PKI/$name.crt" && [ -s "$PKI/$name.key" ] && [ "$(cat "$PKI/$name.for" 2>/dev/null)" = "$wanted" ]; } || return 0
  openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$PKI/$name.key" -subj "$subject" 2>/dev/null |
    openssl x509 -req -CA "$PKI/$authority.crt" -CAkey "$PKI/$authority.key" -set_serial "0x$(openssl rand -hex 16)" \
      -days $DAYS -out "$PKI/$name.crt" -extfile <(printf 'subjectAltName=%s\nkeyUsage=critical,digitalSignature\nextendedKeyUsage=serverAuth,clientAuth\n' "$names") 2>/dev/null
  printf '%s' "$wanted" >"$PKI/$name.for"
}

kubeconfig() { # NAME CERTIFICATE
  keep "$STATE/$1.kubeconfig" "apiVersion: v1
kind: Config
current-context: local
contexts: [{name: local, context: {cluster: local, user: $1}}]
clusters:
- name: local
  cluster: {server: 'https://$HAPROXY_ADDRESS:$API_PORT', certificate-authority-data: $(base64 -w0 <"$PKI/ca.crt")}
users:
- name: $1
  user: {client-certificate-data: $(base64 -w0 <"$PKI/$2.crt"), client-key-data: $(base64 -w0 <"$PKI/$2.key")}"
}

for a in ca etcd-ca front-proxy-ca; do authority $a; done
names=DNS:ha-proxy,DNS:kubernetes,DNS:kubernetes.default,DNS:kubernetes.default.svc,DNS:kubernetes.default.svc.$CLUSTER_DOMAIN
names+=,IP:$SERVICE_API_ADDRESS,IP:127.0.0.1,IP:$HAPROXY_ADDRESS
for n in $(seq "$MASTERS"); do names+=,DNS:master$n,IP:$(address_of "master$n"); done
certificate apiserver /CN=kube-apiserver "$names"
certificate etcd /CN=etcd "IP:$ETCD_ADDRESS,IP:127.0.0.1" etcd-ca
certificate etcd-client /CN=kube-apiserver DNS:kube-apiserver etcd-ca
certificate front-proxy-client /CN=front-proxy-client DNS:front-proxy-client front-proxy-ca
certificate kubelet-client /O=system:masters/CN=kube-apiserver-kubelet-client DNS:kubelet-client
certificate admin /O=system:masters/CN=admin DNS:admin
certificate controller-manager /CN=system:kube-controller-manager DNS:controller-manager
certificate scheduler /CN=system:kube-scheduler DNS:scheduler
certificate block-provisioner /O=system:masters/CN=block-provisioner DNS:block-provisioner
certificate proxy /CN=system:kube-proxy DNS:proxy
for n in $(seq "$NODES"); do
  certificate "node$n" "/O=system:nodes/CN=system:node:node$n" "DNS:node$n,IP:$(address_of "node$n")"
  kubeconfig "node$n" "node$n"
done
for c in admin controller-manager scheduler proxy block-provisioner; do kubeconfig $c $c; done
if ! [ -s "$PKI/sa.key" ] || ! [ -s "$PKI/sa.pub" ]; then
  openssl genrsa -out "$PKI/sa.key" 2048 2>/dev/null
  openssl rsa -in "$PKI/sa.key" -pubout -out "$PKI/sa.pub" 2>/dev/null
fi
