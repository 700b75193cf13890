# shellcheck shell=bash
# shellcheck disable=SC2154 # the files that are sourced before this one set the variables
# etcd, the API server, the controller manager and the scheduler: processes of the host in the cluster's namespaces.
# Sourced after namespace.sh and artefacts.sh.

REVISION_BUMP=3000

# start_component NAME FLAG...: starts a program of Kubernetes.
start_component() {
  local name=$1
  shift
  start_process "$state/log/$name.log" "$state/bin/$name" "$@"
  components["$name"]=$started
  echo "$started" >"$state/components/$name"
}

# start_etcd: starts etcd without fsync, because no data outlives the cluster.
start_etcd() {
  start_component etcd --data-dir "$state/etcd" --unsafe-no-fsync --log-level warn \
    --listen-client-urls http://127.0.0.1:2379 --advertise-client-urls http://127.0.0.1:2379 \
    --listen-peer-urls http://127.0.0.1:2380
}

start_api_server() {
  local pki=$state/pki
  start_component kube-apiserver --etcd-servers=http://127.0.0.1:2379 --cert-dir="$pki" \
    --secure-port=443 --advertise-address="$API_ADDRESS" --service-cluster-ip-range="$SERVICE_RANGE" \
    --tls-cert-file="$pki/apiserver.crt" --tls-private-key-file="$pki/apiserver.key" --client-ca-file="$pki/ca.crt" \
    --service-account-issuer=https://kubernetes.default.svc --service-account-key-file="$pki/service-accounts.pub" \
    --service-account-signing-key-file="$pki/service-accounts.key" \
    --authorization-mode=Node,RBAC --enable-admission-plugins=NodeRestriction --allow-privileged=true \
    --kubelet-certificate-authority="$pki/ca.crt" --kubelet-client-certificate="$pki/admin.crt" \
    --kubelet-client-key="$pki/admin.key" --kubelet-preferred-address-types=InternalIP \
    --audit-policy-file="$E2E_LIB/audit-policy.yaml" --audit-log-path="$state/log/audit.log"
}

# start_controllers: starts what a cluster needs to run pods.
start_controllers() {
  local pki=$state/pki
  start_component kube-controller-manager --kubeconfig="$pki/controller-manager.kubeconfig" --leader-elect=false \
    --use-service-account-credentials --service-account-private-key-file="$pki/service-accounts.key" \
    --root-ca-file="$pki/ca.crt"
  start_component kube-scheduler --kubeconfig="$pki/scheduler.kubeconfig" --leader-elect=false
}

# component_process NAME: the process of the program; nothing if it is not running. (start_process only knows the nsenter
# that waits for it.)
component_process() {
  local parent
  parent=$(<"$state/components/$1")
  cut -d ' ' -f 1 "/proc/$parent/task/$parent/children" 2>/dev/null || true
}

# component_state NAME ENDED: its state, or ENDED.
component_state() {
  local process
  process=$(component_process "$1")
  case $([[ -z $process ]] || cut -d ' ' -f 3 "/proc/$process/stat" 2>/dev/null) in
    '') echo "$2" ;;
    T) echo "frozen: 'e2e/cluster thaw $1' lets it go on" ;;
    *) echo running ;;
  esac
}

stop_component() {
  local process
  process=$(component_process "$1")
  kill -KILL "$process"
  kill -CONT "$(<"$state/components/$1")" # the nsenter may have stopped together with a frozen program
  while kill -0 "$process" 2>/dev/null; do sleep 0.05; done
}

freeze_component() { kill -STOP "$(component_process "$1")"; }

# thaw_component NAME: continues the program, and the nsenter, which stopped together with it.
thaw_component() { kill -CONT "$(component_process "$1")" "$(<"$state/components/$1")"; }

# snapshot_etcd FOLDER: copies the data of etcd to a new folder, while etcd is stopped.
snapshot_etcd() {
  local code=0
  freeze_component etcd
  cp -r "$state/etcd" "$1" || code=$?
  thaw_component etcd
  return "$code"
}

# restore_etcd FOLDER: starts etcd again from a snapshot, in the order of the Kubernetes manual: no API server runs
# meanwhile, and the controllers start afterwards.
restore_etcd() {
  local name running=()
  for name in kube-scheduler kube-controller-manager kube-apiserver etcd; do
    [[ -e $state/components/$name ]] || continue
    stop_component "$name"
    running+=("$name")
  done
  rm -rf "$state/etcd"
  cp -r "$1" "$state/etcd"
  start_etcd
  bump_revision
  start_api_server
  await_api_server
  [[ " ${running[*]} " != *" kube-scheduler "* ]] || start_controllers
}

# bump_revision: raises the revision of etcd above all revisions that clients have seen since the snapshot, as `etcdutl
# snapshot restore --bump-revision` does. Otherwise they would take new data for older data.
bump_revision() {
  until in_network curl -sf http://127.0.0.1:2379/readyz >/dev/null; do
    check_components
    sleep 0.1
  done
  in_network curl -sf -d '{"key": "YnVtcA=="}' "http://127.0.0.1:2379/v3/kv/put?[1-$REVISION_BUMP]" >/dev/null
}

# check_components: dies if one of them has ended.
check_components() {
  local name
  for name in "${!components[@]}"; do
    kill -0 "${components[$name]}" 2>/dev/null ||
      die "$name has ended; $state/log/$name.log ends with:"$'\n'"$(tail -n 5 "$state/log/$name.log")"
  done
}

# await_api_server: waits until it is ready.
await_api_server() {
  local deadline=$((SECONDS + 600))
  until api_server_is_ready; do
    check_components
    ((SECONDS < deadline)) ||
      die "the API server is not ready after 600 s; $state/log/kube-apiserver.log ends with:"$'\n'"$(tail -n 5 "$state/log/kube-apiserver.log")"
    sleep 0.05
  done
}

# A check of the port costs less than a start of kubectl.
api_server_is_ready() (
  in_network bash -c ": <>/dev/tcp/$API_ADDRESS/443" && kubectl --request-timeout=2s get --raw /readyz
) >/dev/null 2>&1

# become_administrator COMMAND...: becomes a command of the host in the cluster's network, with the rights of its
# administrator. (Each cluster has its own cache of kubectl, because all clusters have the same address.)
become_administrator() {
  exec nsenter -t "$(holder)" -n \
    env KUBECONFIG="$state/pki/admin.kubeconfig" KUBECACHEDIR="$state/kubectl-cache" \
    AUDIT_LOG="$state/log/audit.log" PATH="$KUBERNETES_BIN:$PATH" "$@"
}

kubectl() (become_administrator kubectl "$@")
