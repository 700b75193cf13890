# shellcheck shell=bash
# shellcheck disable=SC2034 # the variables are for those who source this
# The addresses in a cluster. Each cluster has a separate network, so all clusters have the same addresses.

NEAR_API_ADDRESS=10.77.0.254 # on the link of the nodes
API_ADDRESS=$NEAR_API_ADDRESS
API_ADDRESS_IPV6=fd77::254
FAR_API_ADDRESS=10.78.0.254 # in another network, behind the router: the API server of `up --far`
ROUTER_ADDRESS=10.77.0.253  # the nodes' default gateway; not a part of the control plane
ROUTER_ADDRESS_IPV6=fd77::253
FAR_ROUTER_ADDRESS=10.78.0.253
SERVICE_RANGE=10.96.0.0/16
SERVICE_ADDRESS=10.96.0.1 # the first of the range: the Service `kubernetes`; each node translates it to the API server's address
MOST_NODES=250

# The addresses of the node nodeNUMBER:
node_address() { printf '10.77.0.%d' "$1"; }
node_address_ipv6() { printf 'fd77::%d' "$1"; }
node_second_address_ipv6() { printf 'fd77::a:%d' "$1"; } # a second tunnel between two nodes needs other endpoints
node_mac() { printf '02:00:00:00:00:%02x' "$1"; }
pod_range() { printf '10.244.%d.0/24' "$1"; }
