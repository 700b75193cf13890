package dev.iptunnel.kernel.read;

import dev.iptunnel.kernel.read.Guards.Guarded;
import dev.iptunnel.netlink.Rtnetlink;
import dev.iptunnel.netlink.link.Link;
import dev.iptunnel.netlink.message.AddressFamily;
import dev.iptunnel.netlink.route.Rule.Selected;
import dev.iptunnel.observation.Observation;
import dev.iptunnel.observation.ObservedLink;
import dev.iptunnel.observation.Surroundings;
import dev.iptunnel.observation.Surroundings.RoutingRule;
import dev.iptunnel.tunnel.DesiredTunnel;
import dev.iptunnel.tunnel.IpFamily;
import dev.iptunnel.tunnel.TunnelParameters;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** Reads by rtnetlink what else on the node matters to a tunnel that is made or changed. */
public final class SurroundingsView {
    private final Rtnetlink rtnetlink;

    public SurroundingsView(Rtnetlink rtnetlink) {
        this.rtnetlink = rtnetlink;
    }

    /**
     * Reads the surroundings of one tunnel.
     *
     * @param reads of the kernel
     * @param guarded the networks that are guarded
     */
    Surroundings observe(
            DesiredTunnel desired,
            TunnelParameters wanted,
            Observation links,
            KernelReads reads,
            Stream<Guarded> guarded) {
        IpFamily inner = desired.mode().inner();
        List<RoutingRule> rules =
                rtnetlink.rules(inner == IpFamily.IPV4 ? AddressFamily.IPV4 : AddressFamily.IPV6).stream()
                        .filter(rule -> rule.ownPackets() != Selected.NONE)
                        .map(rule -> new RoutingRule(
                                Integer.toUnsignedLong(rule.priority()),
                                Integer.toUnsignedLong(rule.table()),
                                rule.ownPackets() == Selected.SOME,
                                rule.suppressedLength()))
                        .toList();
        return new Surroundings(
                holder(reads.holders(wanted.endpoints()), links),
                FallbackUses.of(reads, wanted.endpoints()),
                new GuardedView(rtnetlink, desired, links, rules).of(guarded),
                rules);
    }

    /**
     * The tunnel that has the endpoints. One that was moved here from another network namespace has its endpoints
     * there.
     */
    private static Optional<ObservedLink> holder(List<Link> links, Observation observed) {
        return links.stream()
                .filter(link -> link.linkNetnsid().isEmpty())
                .map(ObservedLinks::of)
                .filter(link -> !isOwn(link, observed))
                .findFirst();
    }

    private static boolean isOwn(ObservedLink link, Observation observed) {
        return Stream.concat(observed.named().stream(), observed.strays().stream())
                .anyMatch(own -> own.index() == link.index());
    }
}
