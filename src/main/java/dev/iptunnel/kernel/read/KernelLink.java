package dev.iptunnel.kernel.read;

import dev.iptunnel.netlink.link.Inet6Settings;
import dev.iptunnel.netlink.link.Link;
import dev.iptunnel.netlink.message.AddressFamily;
import dev.iptunnel.netlink.route.Route;
import dev.iptunnel.observation.Inet6Setting;
import dev.iptunnel.observation.InetSettings;
import dev.iptunnel.observation.Master;
import dev.iptunnel.observation.NodeLookup.NodeLink;
import dev.iptunnel.observation.ObservedLink;
import dev.iptunnel.tunnel.IpFamily;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.stream.Collectors;

/** A link as rtnetlink has it, in the planner's terms. */
record KernelLink(Link read, KernelReads reads) implements NodeLink {
    @Override
    public ObservedLink link() {
        return ObservedLinks.of(read);
    }

    @Override
    public Set<String> names() {
        return read.names().collect(Collectors.toSet());
    }

    @Override
    public boolean sendsElsewhere() {
        return read.linkNetnsid().isPresent();
    }

    @Override
    public ObservedLink withAddresses() {
        return ObservedLinks.of(read, reads.addresses(read.index()), List.of());
    }

    @Override
    public ObservedLink inFull(Set<IpFamily> families) {
        return ObservedLinks.of(read, reads.addresses(read.index()), routes(families)).toBuilder()
                .master(master())
                .build()
                .toBuilder()
                .settings(new InetSettings(
                        reads.reversePathFilterOfAll(),
                        read.inet6().disabled(),
                        read.inet6().acceptsRouterAdvertisements(),
                        trusting(read.inet6())))
                .build();
    }

    private List<Route> routes(Set<IpFamily> families) {
        return read.tunnel().isEmpty()
                ? List.of()
                : Arrays.stream(AddressFamily.values())
                        .filter(family ->
                                families.contains(family == AddressFamily.IPV4 ? IpFamily.IPV4 : IpFamily.IPV6))
                        .flatMap(family -> reads.routes(family, read.index()).stream())
                        .toList();
    }

    private static Set<Inet6Setting> trusting(Inet6Settings settings) {
        Set<Inet6Setting> trusting = EnumSet.noneOf(Inet6Setting.class);
        if (settings.acceptRa() != 0) {
            trusting.add(Inet6Setting.ACCEPT_RA);
        }
        if (settings.acceptRedirects() != 0) {
            trusting.add(Inet6Setting.ACCEPT_REDIRECTS);
        }
        return trusting;
    }

    private Optional<Master> master() {
        return read.master().stream()
                .mapToObj(reads::link)
                .flatMap(Optional::stream)
                .map(master -> new Master(
                        master.index(),
                        master.name(),
                        read.masterKind().or(master::kind).orElse("unknown"),
                        vrfTable(read),
                        master.up()))
                .findFirst();
    }

    static OptionalLong vrfTable(Link link) {
        return link.vrfTable().stream().mapToLong(Integer::toUnsignedLong).findFirst();
    }
}
