# shellcheck shell=bash
# shellcheck disable=SC2154 # the files that are sourced before this one set the variables
# The cluster's certificates, and the kubeconfig files that name them. Sourced after addresses.sh, with $state set.

CERTIFICATE_DAYS=30

make_authority() {
  mkdir "$state/pki"
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -noenc -days "$CERTIFICATE_DAYS" -subj /CN=iptunnel-e2e \
    -addext basicConstraints=critical,CA:TRUE -addext keyUsage=critical,keyCertSign \
    -keyout "$state/pki/ca.key" -out "$state/pki/ca.crt" 2>/dev/null
}

# issue FILE SUBJECT ALTERNATIVE_NAMES: makes FILE.crt and FILE.key, for a client and a server. RSA, because Fabric8's
# client cannot read an elliptic key of this format.
issue() {
  openssl req -x509 -CA "$state/pki/ca.crt" -CAkey "$state/pki/ca.key" -newkey rsa:2048 -noenc \
    -days "$CERTIFICATE_DAYS" -subj "$2" -addext basicConstraints=critical,CA:FALSE \
    -addext extendedKeyUsage=clientAuth,serverAuth ${3:+-addext "subjectAltName=$3"} \
    -keyout "$1.key" -out "$1.crt" 2>/dev/null
}

# make_user FILE SUBJECT [ALTERNATIVE_NAMES]: makes a certificate, and FILE.kubeconfig that uses it. The certificate of the
# authority is in the same folder, because a node's guest sees only its own folder.
make_user() {
  local file=$1 folder=${1%/*}
  issue "$file" "$2" "${3:-}"
  [[ -e $folder/ca.crt ]] || cp "$state/pki/ca.crt" "$folder/"
  cat >"$file.kubeconfig" <<KUBECONFIG
apiVersion: v1
kind: Config
clusters: [{name: e2e, cluster: {server: "https://$API_ADDRESS", certificate-authority: $folder/ca.crt}}]
users: [{name: user, user: {client-certificate: $file.crt, client-key: $file.key}}]
contexts: [{name: e2e, context: {cluster: e2e, user: user}}]
current-context: e2e
KUBECONFIG
}

# make_certificates: makes all certificates except those of the nodes.
make_certificates() {
  local pki=$state/pki
  make_authority
  issue "$pki/apiserver" /CN=kube-apiserver \
    "DNS:kubernetes,DNS:kubernetes.default,DNS:kubernetes.default.svc,DNS:localhost,IP:127.0.0.1,IP:$SERVICE_ADDRESS,IP:$NEAR_API_ADDRESS,IP:$FAR_API_ADDRESS,IP:$API_ADDRESS_IPV6"
  openssl genpkey -algorithm ec -pkeyopt ec_paramgen_curve:P-256 -out "$pki/service-accounts.key" 2>/dev/null
  openssl pkey -in "$pki/service-accounts.key" -pubout -out "$pki/service-accounts.pub"
  make_user "$pki/admin" /O=system:masters/CN=admin
  make_user "$pki/controller-manager" /CN=system:kube-controller-manager
  make_user "$pki/scheduler" /CN=system:kube-scheduler
}
