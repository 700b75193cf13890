package dev.iptunnel.kernel.read;

import dev.iptunnel.kernel.read.DefaultRoutes.Way;
import dev.iptunnel.netlink.Rtnetlink;
import dev.iptunnel.netlink.link.Link;
import dev.iptunnel.netlink.message.AddressFamily;
import dev.iptunnel.observation.Observation;
import dev.iptunnel.observation.ObservedLink;
import dev.iptunnel.observation.Surroundings;
import dev.iptunnel.observation.Surroundings.RoutingRule;
import dev.iptunnel.tunnel.DesiredTunnel;
import dev.iptunnel.tunnel.IpFamily;
import dev.iptunnel.tunnel.TunnelParameters;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/** Reads by rtnetlink what else on the node matters to a tunnel that is made or changed. */
public final class SurroundingsView {
    private final Rtnetlink rtnetlink;
    private final DirectReads reads;
    private final Guards guards;

    public SurroundingsView(Rtnetlink rtnetlink, Guards guards) {
        this.rtnetlink = rtnetlink;
        this.reads = new DirectReads(rtnetlink);
        this.guards = guards;
    }

    /**
     * Reads the surroundings of one tunnel.
     *
     * @param ways of the node's default routes
     */
    public Surroundings observe(DesiredTunnel desired, TunnelParameters wanted, Observation links, Set<Way> ways) {
        IpFamily inner = desired.mode().inner();
        List<RoutingRule> rules =
                rtnetlink.rules(inner == IpFamily.IPV4 ? AddressFamily.IPV4 : AddressFamily.IPV6).stream()
                        .map(rule -> new RoutingRule(
                                Integer.toUnsignedLong(rule.priority()),
                                Integer.toUnsignedLong(rule.table()),
                                rule.selective()))
                        .toList();
        return new Surroundings(
                holder(rtnetlink.links(wanted.driver().kind()), wanted, links),
                FallbackUses.of(reads, wanted.driver(), wanted.remote()),
                new GuardedView(rtnetlink, desired, links, rules).of(guards.of(inner, reads, ways)),
                rules);
    }

    /**
     * The tunnel that has the endpoints. One that was moved here from another network namespace has its endpoints
     * there.
     */
    private static Optional<ObservedLink> holder(List<Link> links, TunnelParameters wanted, Observation observed) {
        return links.stream()
                .filter(link -> link.linkNetnsid().isEmpty())
                .map(ObservedLinks::of)
                .filter(link -> !isOwn(link, observed))
                .filter(link -> link.tunnel().map(TunnelParameters::endpoints).equals(Optional.of(wanted.endpoints())))
                .findFirst();
    }

    private static boolean isOwn(ObservedLink link, Observation observed) {
        return Stream.concat(observed.named().stream(), observed.strays().stream())
                .anyMatch(own -> own.index() == link.index());
    }
}
