package dev.iptunnel.diagnosis;

import java.util.Locale;

/**
 * The checks, in the order of causes: what fails in an earlier one can explain what fails in a later one, and not the other
 * way round.
 */
public enum Check {
    /** The kernel has the driver of the mode. */
    DRIVER,
    /** There is an interface of the name, and it is a tunnel. */
    INTERFACE,
    /** Whose mark it carries. */
    OWNER,
    /** Its mode, endpoints and outer header are those that are asked for. */
    PARAMETERS,
    /** The interface that it is bound to. */
    PARENT,
    /** The VRF that it is a port of. */
    VRF,
    /** It is up. */
    STATE,
    /** The node has the local address. */
    LOCAL_ADDRESS,
    /** No other tunnel takes its packets. */
    ENDPOINTS,
    /** Rules of policy routing that apply to its outer packets. */
    RULES,
    /** The way of its outer packets to the remote. */
    ROUTE,
    /** Its MTU fits through that way. */
    MTU,
    /** IPv6 is not disabled where it is needed. */
    IPV6,
    /** It has its inner addresses and routes. */
    ADDRESSES,
    /** Packets to its destinations take it. */
    DETOURS,
    /** {@code rp_filter}. */
    REVERSE_PATH,
    /** {@code forwarding}, of packets that are not the node's own. */
    FORWARDING,
    /** Others use the device of its driver that is for all remotes. */
    FALLBACK_DEVICE,
    /** Other programs that configure the network. */
    OTHER_PROGRAMS,
    /** Packet filters. Their rules are not read. */
    FIREWALL,
    /** The counters over a few seconds. */
    TRAFFIC;

    /** The name in both outputs of the command, which never changes. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
