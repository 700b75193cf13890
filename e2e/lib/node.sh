# shellcheck shell=bash
# shellcheck disable=SC2154 # the files that are sourced before this one set the variables
# Nodes: User-Mode Linux guests with containerd and a kubelet. Sourced after control-plane.sh, uml.sh and request.sh.
#
# A node's folder, $state/nodes/NAME, is shared with its guest. It contains what request.sh describes, and:
#
#   bell              a pipe, the guest's serial line: e2e/init/serve.go says what can be written to it
#   images            the archives that it imports when it starts
#   boot-id, log      written by the guest

NODE_MEMORY=1500M
NODE_FOLDERS=$state/nodes
NODE_STATES='{range .items[*]}{.metadata.name} {.status.nodeInfo.bootID} {.status.conditions[?(@.type=="Ready")].status}{"\n"}{end}'

# node_names: prints the names of the cluster's nodes, running or not.
node_names() { [[ ! -d $NODE_FOLDERS ]] || find "$NODE_FOLDERS" -mindepth 1 -maxdepth 1 -printf '%f\n' | sort -V; }

# check_node NAME: dies if there is no such node.
check_node() {
  [[ -n $1 && -d $NODE_FOLDERS/$1 ]] ||
    misuse "there is no node '$1' in cluster '$cluster': write one of: $(node_names | paste -sd ' ')"
}

# is_running NAME: whether the node's guest runs. As for the cluster, the lock of the node shows this.
is_running() { ! flock -n "$NODE_FOLDERS/$1/lock" true; }

# make_node NUMBER: makes its folder, with all configuration.
make_node() {
  local number=$1 name=node$1 folder=$NODE_FOLDERS/node$1 address
  address=$(node_address "$number")
  mkdir -p "$folder"/{cni,images,log,requests}
  mkfifo "$folder/bell"
  : >"$folder/lock"
  echo "$number" >"$folder/number"
  make_user "$folder/kubelet" "/O=system:nodes/CN=system:node:$name" "DNS:$name,IP:$address"
  cat >"$folder/network" <<NETWORK
address add $address/24 dev vec0
address add $(node_address_ipv6 "$number")/64 dev vec0 nodad
address add $(node_second_address_ipv6 "$number")/64 dev vec0 nodad
link set vec0 up
route add default via $ROUTER_ADDRESS
NETWORK
  # As kube-proxy does; the kernel of a User-Mode Linux has no NAT of nftables.
  cat >"$folder/translation" <<TRANSLATION
*nat
-A PREROUTING -d $SERVICE_ADDRESS/32 -p tcp --dport 443 -j DNAT --to-destination $API_ADDRESS:443
-A OUTPUT -d $SERVICE_ADDRESS/32 -p tcp --dport 443 -j DNAT --to-destination $API_ADDRESS:443
COMMIT
TRANSLATION
  # The kubelet refuses a processor without a clock speed, and User-Mode Linux prints none.
  cat >"$folder/cpuinfo" <<CPUINFO
processor	: 0
vendor_id	: User Mode Linux
cpu MHz		: 2000.000
physical id	: 0
core id		: 0

CPUINFO
  cat >"$folder/cni/10-ptp.conflist" <<CNI
{"cniVersion": "1.0.0", "name": "ptp", "plugins": [
  {"type": "ptp", "ipam": {"type": "host-local", "ranges": [[{"subnet": "$(pod_range "$number")"}]], "routes": [{"dst": "0.0.0.0/0"}]}}
]}
CNI
  cat >"$folder/containerd.toml" <<CONTAINERD
version = 4
[plugins.'io.containerd.cri.v1.images'.pinned_images]
  sandbox = '$PAUSE_IMAGE'
[plugins.'io.containerd.cri.v1.runtime'.cni]
  bin_dirs = ['$RUNTIME_BIN']
  conf_dir = '$folder/cni'
[plugins.'io.containerd.internal.v1.opt']
  path = '/var/lib/containerd/opt'
CONTAINERD
  cat >"$folder/kubelet.yaml" <<KUBELET
apiVersion: kubelet.config.k8s.io/v1beta1
kind: KubeletConfiguration
authentication: {x509: {clientCAFile: $folder/ca.crt}, anonymous: {enabled: false}, webhook: {enabled: true}}
authorization: {mode: Webhook}
tlsCertFile: $folder/kubelet.crt
tlsPrivateKeyFile: $folder/kubelet.key
containerRuntimeEndpoint: unix:///run/containerd/containerd.sock
resolvConf: ""
# The guest's kernel has no cpuset controller, and iptables is not used.
cgroupDriver: cgroupfs
cgroupsPerQOS: false
enforceNodeAllocatable: []
makeIPTablesUtilChains: false
failSwapOn: false
# A container that a test kills repeatedly starts again at once.
crashLoopBackOff: {maxContainerRestartPeriod: 1s}
# Images cannot be pulled again, and pods must not be evicted because the host's disk is full.
localStorageCapacityIsolation: false
imageGCHighThresholdPercent: 100
evictionHard: {memory.available: "0%", nodefs.available: "0%", nodefs.inodesFree: "0%", imagefs.available: "0%", imagefs.inodesFree: "0%"}
KUBELET
}

# start_node NAME: boots the node's guest, without any state of an earlier boot.
start_node() {
  local name=$1 folder=$NODE_FOLDERS/$1 number lock
  number=$(<"$folder/number")
  rm -rf "$folder"/{boot-id,requests,mconsole}
  mkdir "$folder/requests"
  cp "$E2E/lib/node-start" "$folder/start"
  ln -f "$state/images"/*.tar "$folder/images/"
  cat >"$folder/settings" <<SETTINGS
name=$name
addresses=$(node_address "$number"),$(node_address_ipv6 "$number")
PATH=/run/bin:$KUBERNETES_BIN:$RUNTIME_BIN:\$PATH
SETTINGS
  guest_command "$folder" "$NODE_MEMORY" modules=ipv6,ipip,sit,ip6_tunnel,overlay,veth,iptable_nat,xt_nat,xt_tcpudp \
    scratch=/var/lib,/var/log visible="$KUBERNETES_BIN,$RUNTIME_BIN,$E2E/beside" start="$folder/start" \
    "vec0:transport=tap,ifname=tap$number,depth=64,mac=$(node_mac "$number")" "ssl0=fd:3,null"
  exec {lock}>>"$folder/lock"
  flock -n "$lock" || die "$name is running already"
  exec 3<>"$folder/bell"
  start_process "$folder/log/console.log" "${guest_command[@]}"
  exec 3>&- {lock}>&-
  echo "$started" >"$folder/pid"
}

# await_nodes NAME...: waits until all are Ready.
await_nodes() {
  local deadline=$((SECONDS + 300)) name
  until all_ready "$@"; do
    check_components
    for name in "$@"; do
      segment "$name"
      is_running "$name" ||
        die "$name has ended; $NODE_FOLDERS/$name/log/start.log ends with:"$'\n'"$(tail -n 5 "$NODE_FOLDERS/$name/log/start.log")"
    done
    ((SECONDS < deadline)) || die "not Ready after 300 s: one of $*; see $NODE_FOLDERS/*/log"
    sleep 0.3
  done
}

# segment NAME: makes the host split TCP data into packets of the MTU for the node, which loses larger ones, so that most
# bytes were sent twice. The node's driver asks for large ones each time it comes up.
segment() { in_network ethtool -K "tap$(<"$NODE_FOLDERS/$1/number")" tso off gso off; }

# all_ready NAME...: whether each is Ready since its present boot. The API server may still report the state of an earlier one.
all_ready() {
  local states name boot_id
  states=$(kubectl get nodes -o jsonpath="$NODE_STATES" 2>/dev/null) || return 1
  for name in "$@"; do
    boot_id=$(cat "$NODE_FOLDERS/$name/boot-id" 2>/dev/null) || return 1
    grep -qx "$name $boot_id True" <<<"$states" || return 1
  done
}

# kill_node NAME: a power cut.
kill_node() {
  kill -KILL "$(<"$NODE_FOLDERS/$1/pid")" 2>/dev/null || true
  flock -w 20 "$NODE_FOLDERS/$1/lock" true || die "the processes of $1 do not end"
}

# cut_node NAME: removes its port from the bridge. Neither the node nor its peers get a notification.
cut_node() { in_network ip link set "$(node_port "$1")" nomaster; }

heal_node() { in_network ip link set "$(node_port "$1")" master br0; }

is_cut() { [[ $(in_network ip -o link show "$(node_port "$1")") != *" master br0 "* ]]; }

node_port() { echo "tap$(<"$NODE_FOLDERS/$1/number")"; }

# forget_node NAME: ends the API server's connections with the node and its pods. The packets that would tell the node go to
# a link-layer address that does not exist. So the node learns it only from the answer to the next packet that it sends.
forget_node() {
  local number address
  number=$(<"$NODE_FOLDERS/$1/number")
  address=$(node_address "$number")
  in_network ip neighbour replace "$address" lladdr "$(node_mac 255)" dev br0 nud permanent
  in_network ss -KHtn state all "( dst $address or dst $(pod_range "$number") ) and ( sport = :443 or dport = :10250 )" \
    >/dev/null
  in_network ip neighbour delete "$address" dev br0
}

# exec_in_node NAME COMMAND...: runs a command in the guest, as root, and ends with the command's exit code. The command ends
# when this process ends.
exec_in_node() {
  local name=$1 node=$NODE_FOLDERS/$1 folder code=0
  shift
  folder=$(mktemp -d "$node/requests/XXXXXXXX")
  PATH=$KUBERNETES_BIN:$RUNTIME_BIN:$PATH write_request "$folder" / "$@"
  ring "$node" run "$folder"
  follow_request "$folder" "$(<"$node/pid")" 0 abandon_request "$node" "$folder" || code=$?
  [[ -s $folder/exit-code ]] || warn "$name ended before the command did"
  rm -rf "$folder"
  return "$code"
}

# import_images NAME FILE.tar...: imports archives of $state/images into a running node.
import_images() {
  local name=$1 archive images=$NODE_FOLDERS/$1/images output
  shift
  for archive in "$@"; do
    archive=${archive##*/}
    ln -f "$state/images/$archive" "$images/"
    output=$(exec_in_node "$name" ctr --namespace k8s.io images import "$images/$archive" 2>&1) || die "$name, $archive: $output"
    say "$name has $archive"
  done
}

# ring NODE_FOLDER VERB REQUEST_FOLDER: (opened read-write, because this does not block if the guest has just ended)
ring() { echo "$2 requests/${3##*/}" 1<>"$1/bell"; }

# shellcheck disable=SC2317 # follow_request calls it
abandon_request() {
  ring "$1" end "$2"
  rm -rf "$2"
}
