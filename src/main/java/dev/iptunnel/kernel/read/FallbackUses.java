package dev.iptunnel.kernel.read;

import dev.iptunnel.netlink.link.Link;
import dev.iptunnel.netlink.message.AddressFamily;
import dev.iptunnel.netlink.route.Route;
import dev.iptunnel.observation.FallbackUse;
import dev.iptunnel.tunnel.Endpoints;
import dev.iptunnel.tunnel.IpFamily;
import dev.iptunnel.tunnel.IpPrefix;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Finds uses of devices for all remotes whose packets a tunnel would take over. Such a device is the driver's fallback
 * device, or a tunnel to any remote, with a route to the remote, as Calico and Flannel make them; or a device with
 * {@code external} (ip-link(8)), whose routes need not name the remote. A tunnel without a remote takes the packets of every remote. For it every route counts, and
 * every address, since a device needs no route to receive packets.
 */
final class FallbackUses {
    private static final int SIX_TO_FOUR = 0x2002;
    private static final int SIX_TO_FOUR_LENGTH = 48;

    private final KernelReads reads;
    private final InetAddress remote;

    private FallbackUses(KernelReads reads, InetAddress remote) {
        this.reads = reads;
        this.remote = remote;
    }

    /**
     * The first use of each device.
     *
     * @param endpoints of the tunnel
     */
    static List<FallbackUse> of(KernelReads reads, Endpoints endpoints) {
        FallbackUses reader = new FallbackUses(reads, endpoints.remote());
        List<FallbackUse> uses = new ArrayList<>();
        // A device that is down neither sends nor receives.
        reads.forAllRemotes(endpoints.driver()).stream()
                .filter(Link::up)
                .filter(link -> link.linkNetnsid().isEmpty() && receivesTheSame(link, endpoints))
                .forEach(link -> reader.use(link).ifPresent(uses::add));
        return uses;
    }

    /** Whether it gets packets to the same local address, by the same link. One with the same endpoints is their holder. */
    private static boolean receivesTheSame(Link link, Endpoints endpoints) {
        return DirectReads.endpointsOf(link)
                .filter(device -> !device.equals(endpoints))
                .filter(device -> device.local().isAnyLocalAddress()
                        || endpoints.local().isAnyLocalAddress()
                        || device.local().equals(endpoints.local()))
                .filter(device ->
                        device.parent() == 0 || endpoints.parent() == 0 || device.parent() == endpoints.parent())
                .isPresent();
    }

    private Optional<FallbackUse> use(Link link) {
        return FallbackDevices.isExternal(link)
                ? Optional.of(new FallbackUse.External(link.name()))
                : route(link).or(() -> address(link));
    }

    private Optional<FallbackUse> route(Link link) {
        return Stream.of(AddressFamily.values())
                .flatMap(family -> reads.routes(family, link.index()).stream())
                .filter(route -> route.protocol() != ObservedRoutes.KERNEL_PROTOCOL && leadsTo(route))
                .findFirst()
                .map(route -> new FallbackUse.ByRoute(ObservedRoutes.destination(route), route.gateway(), link.name()));
    }

    private Optional<FallbackUse> address(Link link) {
        return remote.isAnyLocalAddress()
                ? ObservedLinks.of(link, reads.addresses(link.index()), List.of()).addresses().stream()
                        .filter(address -> !address.isKernels())
                        .findFirst()
                        .map(address -> new FallbackUse.ByAddress(address.prefix(), link.name()))
                : Optional.empty();
    }

    /** A device without a remote sends to the gateway, or where there is none, to the destination itself. */
    private boolean leadsTo(Route route) {
        if (remote.isAnyLocalAddress()) {
            return true;
        }
        List<InetAddress> gateways = route.gateways().toList();
        if (!gateways.isEmpty()) {
            return gateways.stream()
                    .anyMatch(gateway -> gateway.equals(remote)
                            || (remote instanceof Inet4Address ip4 && isCompatible(gateway, ip4)));
        }
        IpPrefix destination = ObservedRoutes.destination(route);
        return destination.contains(remote)
                || (remote instanceof Inet4Address ip4 && destination.overlaps(sixToFour(ip4)));
    }

    /** Whether the gateway is {@code ::a.b.c.d} (RFC 4291, 2.5.5.1), by which sit reaches the IPv4 address. */
    private static boolean isCompatible(InetAddress gateway, Inet4Address remote) {
        byte[] compatible =
                ByteBuffer.allocate(16).position(12).put(remote.getAddress()).array();
        return Arrays.equals(gateway.getAddress(), compatible);
    }

    /** The remote's 6to4 network (RFC 3056). */
    private static IpPrefix sixToFour(Inet4Address remote) {
        byte[] bytes = ByteBuffer.allocate(16)
                .putShort((short) SIX_TO_FOUR)
                .put(remote.getAddress())
                .array();
        return new IpPrefix(IpFamily.IPV6.ofBytes(bytes), SIX_TO_FOUR_LENGTH);
    }
}
