package dev.iptunnel.kernel.examine;

import dev.iptunnel.diagnosis.ParentFacts;
import dev.iptunnel.diagnosis.TrafficSample;
import dev.iptunnel.diagnosis.TunnelFacts;
import dev.iptunnel.netlink.link.LinkStatistics;
import dev.iptunnel.netlink.link.LinkStatistics.Counters;
import dev.iptunnel.observation.ObservedLink;
import dev.iptunnel.tunnel.IpFamily;
import dev.iptunnel.tunnel.TunnelParameters;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/**
 * The counters of all links and of the node at one time.
 *
 * @param nanoTime when they were read, of a monotonic clock
 * @param links by ifindex
 * @param inet6 of each tunnel, by the name of its interface
 */
public record CounterReading(
        long nanoTime,
        Map<Integer, LinkStatistics> links,
        long reversePathDrops,
        long notForwarded,
        long unreachables,
        long unreachables6,
        long undelivered,
        long undelivered6,
        Map<String, Inet6Counters> inet6) {
    private static final int IPV6_PROTOCOL = 41;
    private static final Counters NONE = new Counters(0, 0, 0, 0, 0);

    /**
     * Counters of IPv6 of an interface, {@code /proc/net/dev_snmp6}.
     *
     * @param notForwarded {@code Ip6InAddrErrors}
     * @param sent {@code Ip6OutRequests}
     * @param multicast {@code Ip6InMcastPkts}
     */
    record Inet6Counters(long notForwarded, long sent, long multicast) {
        private static final Inet6Counters NONE = new Inet6Counters(0, 0, 0);
    }

    /** The time since the earlier reading. */
    public Duration since(CounterReading earlier) {
        return Duration.ofNanos(nanoTime - earlier.nanoTime);
    }

    /** The time since this reading. */
    public Duration untilNow() {
        return Duration.ofNanos(System.nanoTime() - nanoTime);
    }

    /** Those that bear on the tunnel. */
    public TrafficSample of(TunnelFacts facts) {
        Optional<LinkStatistics> own = facts.link().map(ObservedLink::index).map(links::get);
        Counters sent = own.map(LinkStatistics::transmitted).orElse(NONE);
        Counters received = own.map(LinkStatistics::received).orElse(NONE);
        Inet6Counters own6 = inet6.getOrDefault(facts.name(), Inet6Counters.NONE);
        boolean overIpv6 = facts.parameters()
                .map(TunnelParameters::remote)
                .map(IpFamily::of)
                .equals(Optional.of(IpFamily.IPV6));
        boolean innerIpv6 = facts.parameters()
                .filter(tunnel -> tunnel.protocol() == IPV6_PROTOCOL)
                .isPresent();
        return new TrafficSample(
                sent.packets(),
                received.packets() - own6.multicast(),
                sent.errors() - sent.lost(),
                sent.dropped(),
                sent.lost(),
                own.map(LinkStatistics::collisions).orElse(0L),
                received.errors(),
                received.dropped(),
                facts.parent()
                        .flatMap(ParentFacts::link)
                        .map(ObservedLink::index)
                        .map(links::get)
                        .map(parent -> parent.received().packets())
                        .orElse(0L),
                reversePathDrops,
                innerIpv6 ? own6.notForwarded() : notForwarded,
                overIpv6 ? unreachables6 : unreachables,
                own6.sent(),
                overIpv6 ? undelivered6 : undelivered);
    }
}
