package dev.iptunnel.tunnel;

import java.net.InetAddress;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * A route through the tunnel.
 *
 * @param destination without host bits
 * @param gateway reached through the tunnel; empty = the destination is on the link
 * @param table {@code RTA_TABLE}, 1 to 2^32-1
 * @param metric {@code RTA_PRIORITY}, a smaller one is preferred; 0 = the kernel's default
 */
public record InnerRoute(IpPrefix destination, Optional<InetAddress> gateway, long table, long metric) {
    public static final long MAIN_TABLE = 254;

    /** The table with the node's own addresses. */
    public static final long LOCAL_TABLE = 255;

    private static final long IPV6_METRIC = 1024;

    /**
     * This route as the kernel holds it on a port of a VRF: a route without a table of its own is in the table of the VRF.
     */
    public InnerRoute in(OptionalLong vrfTable) {
        return table == MAIN_TABLE && vrfTable.isPresent()
                ? new InnerRoute(destination, gateway, vrfTable.getAsLong(), metric)
                : this;
    }

    /** The metric that the kernel holds: 0 of an IPv6 route becomes 1024 ({@code IP6_RT_PRIO_USER}). */
    public long kernelMetric() {
        return metric == 0 && destination.family() == IpFamily.IPV6 ? IPV6_METRIC : metric;
    }

    /** Whether both are the same entry: the kernel holds one route for each destination, table and metric. */
    public boolean isSameEntryAs(InnerRoute other) {
        return destination.equals(other.destination) && table == other.table && kernelMetric() == other.kernelMetric();
    }

    public boolean equalsInKernel(InnerRoute other) {
        return isSameEntryAs(other) && gateway.equals(other.gateway);
    }

    /** As ip-route(8) takes it, without the device. */
    @Override
    public String toString() {
        return destination
                + gateway.map(via -> " via " + IpFamily.format(via)).orElse("")
                + (table == MAIN_TABLE ? "" : " table " + table)
                + (metric == 0 ? "" : " metric " + metric);
    }
}
