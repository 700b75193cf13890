# shellcheck shell=bash
# shellcheck disable=SC2154 # the command sets the variables
# The namespaces that a cluster lives in. Sourced after common.sh, with $state set to the cluster's folder.
#
# One process, the holder, is the first in a new process namespace and a new network namespace. The whole cluster runs in
# these. When the holder is killed, the kernel ends every process of the namespace, and the network and its interfaces
# disappear with the last process: nothing is left over.
#
# Every process that `up` starts inherits a lock on $lock_file. So the lock shows whether any of them runs.

lock_file=$state.lock

# is_up: whether any process of the cluster is running.
is_up() { [[ -e $lock_file ]] && ! flock -n "$lock_file" true; }

# claim_cluster: takes the lock for this process and all processes that it starts.
claim_cluster() {
  exec {lock}>>"$lock_file"
  flock -n "$lock" || die "cluster '$cluster' is up already: stop it with 'e2e/cluster down', or name another with IPTUNNEL_CLUSTER"
}

# make_namespaces: starts the holder. The id of its parent is written first, because that is enough to end it.
make_namespaces() {
  local child=
  trap '' INT TERM HUP
  setsid unshare --pid --net --fork --kill-child sleep infinity </dev/null >/dev/null 2>&1 &
  echo "$!" >"$state/holder-parent"
  disown "$!"
  end_on_signals
  until [[ -n $child ]]; do
    sleep 0.01
    child=$(cat "/proc/$!/task/$!/children") ||
      die "cannot make a process and a network namespace: is this root, and not a restricted container?"
  done
  echo "${child% }" >"$state/holder"
}

holder() { cat "$state/holder"; }

# in_network COMMAND...: runs a command of the host in the cluster's network.
in_network() (exec nsenter -t "$(holder)" -n "$@")

# start_process LOG COMMAND...: starts a command in the cluster's namespaces; $started is its process. Its output is appended
# to the log.
start_process() {
  local log=$1
  shift
  setsid nsenter -t "$(holder)" -n -p "$@" </dev/null >>"$log" 2>&1 &
  started=$!
  disown "$started" # bash must not report its end to the user
}

# end_namespaces: kills every process of the cluster at once. (The API server would not end normally without etcd.)
end_namespaces() {
  local file
  [[ ! -e $state/holder-parent ]] || kill -KILL "$(<"$state/holder-parent")" 2>/dev/null || true
  for file in "$lock_file" "$state"/nodes/*/lock; do
    [[ ! -e $file ]] || flock -w 20 "$file" true || die "there are processes that hold $file and do not end"
  done
}

# make_network NODES: a bridge with an address for the API server, and a port for each node and for the router.
make_network() {
  local number
  (($1 == 0)) || start_router
  {
    echo "link set lo up"
    echo "link add br0 type bridge"
    echo "link set br0 up"
    echo "address add $NEAR_API_ADDRESS/24 dev br0"
    echo "address add $API_ADDRESS_IPV6/64 dev br0 nodad"
    for ((number = 1; number <= $1; number++)); do
      echo "tuntap add tap$number mode tap"
      echo "link set tap$number master br0 up"
      echo "route add $(pod_range "$number") via $(node_address "$number")"
    done
    if (($1 > 0)); then
      echo "link add router type veth peer name near netns $router"
      echo "link set router master br0 up"
      echo "link add far type veth peer name far netns $router"
      echo "link set far up"
      echo "address add $FAR_API_ADDRESS/24 dev far"
      echo "rule add from $FAR_API_ADDRESS lookup 78"
      echo "route add default via $FAR_ROUTER_ADDRESS table 78"
    fi
  } | in_network ip -batch -
  (($1 == 0)) || set_up_router "$1"
}

# start_router: starts the nodes' default gateway, a separate network namespace; $router is the process that holds it. It is
# only a router, so tests see a node that does not reach it, or that reaches nothing else.
start_router() {
  local others namespace=
  others=" $(readlink "/proc/$(holder)/ns/net" /proc/self/ns/net | paste -sd ' ') "
  start_process "$state/log/router.log" unshare --net sleep infinity
  until [[ -n $namespace && $others != *" $namespace "* ]]; do
    sleep 0.01
    router=$(cut -d ' ' -f 1 "/proc/$started/task/$started/children" 2>/dev/null) || continue
    namespace=$(readlink "/proc/$router/ns/net" || true)
  done
}

# set_up_router NODES: routes between the nodes' pods, and from the nodes to the network of the far API server.
set_up_router() {
  local number
  {
    echo "link set near up"
    echo "address add $ROUTER_ADDRESS/24 dev near"
    echo "address add $ROUTER_ADDRESS_IPV6/64 dev near nodad"
    echo "link set far up"
    echo "address add $FAR_ROUTER_ADDRESS/24 dev far"
    for ((number = 1; number <= $1; number++)); do
      echo "route add $(pod_range "$number") via $(node_address "$number")"
    done
  } | nsenter -t "$router" -n ip -batch -
  nsenter -t "$router" -n sh -c 'echo 1 >/proc/sys/net/ipv4/ip_forward; echo 1 >/proc/sys/net/ipv6/conf/all/forwarding'
}
