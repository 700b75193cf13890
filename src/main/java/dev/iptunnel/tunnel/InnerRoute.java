package dev.iptunnel.tunnel;

import java.net.InetAddress;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * A route through the tunnel.
 *
 * @param destination without host bits
 * @param gateway reached through the tunnel; empty = everything behind it is on the link
 * @param table {@code RTA_TABLE}, 1 to 2^32-1
 * @param metric {@code RTA_PRIORITY}, less is preferred; 0 = the kernel's own
 */
public record InnerRoute(IpPrefix destination, Optional<InetAddress> gateway, long table, long metric) {
    public static final long MAIN_TABLE = 254;

    /** Where the kernel keeps the node's own addresses. */
    public static final long LOCAL_TABLE = 255;

    private static final long IPV6_METRIC = 1024;

    /** The same as the kernel has it on a port of a VRF, whose routes without a table of their own are in the VRF's. */
    public InnerRoute in(OptionalLong vrfTable) {
        return table == MAIN_TABLE && vrfTable.isPresent()
                ? new InnerRoute(destination, gateway, vrfTable.getAsLong(), metric)
                : this;
    }

    /** The metric that the kernel holds: 0 of an IPv6 route becomes 1024 ({@code IP6_RT_PRIO_USER}). */
    public long kernelMetric() {
        return metric == 0 && destination.family() == IpFamily.IPV6 ? IPV6_METRIC : metric;
    }

    /** Whether both are one to the kernel: it holds one route for each destination, table and metric. */
    public boolean isSameEntryAs(InnerRoute other) {
        return destination.equals(other.destination) && table == other.table && kernelMetric() == other.kernelMetric();
    }

    public boolean equalsInKernel(InnerRoute other) {
        return isSameEntryAs(other) && gateway.equals(other.gateway);
    }

    /** As ip-route(8) takes it, but for the device. */
    @Override
    public String toString() {
        return destination
                + gateway.map(via -> " via " + IpFamily.format(via)).orElse("")
                + (table == MAIN_TABLE ? "" : " table " + table)
                + (metric == 0 ? "" : " metric " + metric);
    }
}
