package dev.iptunnel.kernel.inventory;

import dev.iptunnel.kernel.read.KernelLists;
import dev.iptunnel.kernel.read.ObservedLinks;
import dev.iptunnel.netlink.Rtnetlink;
import dev.iptunnel.netlink.link.Link;
import dev.iptunnel.netlink.link.LinkStatistics;
import dev.iptunnel.netlink.message.AddressFamily;
import dev.iptunnel.netlink.route.Route;
import dev.iptunnel.observation.Master;
import dev.iptunnel.tunnel.TunnelDriver;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;

/** All IP-in-IP tunnels of a network namespace, whoever made them, with the fallback devices. */
public final class TunnelInventory {
    private final KernelLists lists;
    private final Map<Integer, Link> byIndex;
    private final Map<Integer, LinkStatistics> statistics;

    private TunnelInventory(KernelLists lists, List<LinkStatistics> statistics) {
        this.lists = lists;
        this.byIndex = lists.links().stream().collect(Collectors.toMap(Link::index, Function.identity()));
        this.statistics = statistics.stream().collect(Collectors.toMap(LinkStatistics::index, Function.identity()));
    }

    /**
     * Reads them by a few lists, whose cost does not grow with the number of tunnels.
     *
     * @return in the order of their names
     * @throws dev.iptunnel.netlink.message.NetlinkException where the kernel does not answer
     */
    public static List<PresentTunnel> read(Rtnetlink rtnetlink) {
        return new TunnelInventory(KernelLists.all(rtnetlink), rtnetlink.statistics()).tunnels();
    }

    private List<PresentTunnel> tunnels() {
        return lists.links().stream()
                .filter(link -> link.tunnel().isPresent()
                        && link.kind().flatMap(TunnelDriver::ofKind).isPresent())
                .sorted(Comparator.comparing(Link::name))
                .map(this::tunnel)
                .toList();
    }

    private PresentTunnel tunnel(Link link) {
        return new PresentTunnel(
                link.alternativeNames(),
                ObservedLinks.of(link, lists.addressesOf(link), routes(link)).toBuilder()
                        .master(master(link))
                        .build(),
                ObservedLinks.of(link).isFallback(),
                link.linkNetnsid().isPresent(),
                link.linkNetnsid().isPresent()
                        ? Optional.empty()
                        : link.tunnel()
                                .map(tunnel -> byIndex.get(tunnel.link()))
                                .map(Link::name),
                Optional.ofNullable(statistics.get(link.index())));
    }

    private List<Route> routes(Link link) {
        return Arrays.stream(AddressFamily.values())
                .flatMap(family -> Optional.ofNullable(lists.routes().get(family)).stream()
                        .flatMap(routes -> routes.getOrDefault(link.index(), List.of()).stream()))
                .toList();
    }

    private Optional<Master> master(Link link) {
        return link.master().stream()
                .mapToObj(index -> Optional.ofNullable(byIndex.get(index)))
                .flatMap(Optional::stream)
                .map(master -> new Master(
                        master.index(),
                        master.name(),
                        link.masterKind().or(master::kind).orElse("unknown"),
                        link.vrfTable().stream()
                                .mapToLong(Integer::toUnsignedLong)
                                .findFirst(),
                        master.up()))
                .findFirst();
    }
}
