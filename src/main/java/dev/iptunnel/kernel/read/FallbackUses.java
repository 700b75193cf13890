package dev.iptunnel.kernel.read;

import dev.iptunnel.netlink.link.Link;
import dev.iptunnel.netlink.message.AddressFamily;
import dev.iptunnel.netlink.route.Route;
import dev.iptunnel.observation.FallbackUse;
import dev.iptunnel.tunnel.IpFamily;
import dev.iptunnel.tunnel.IpPrefix;
import dev.iptunnel.tunnel.TunnelDriver;
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
 * device, with a route to the remote, as Calico makes it, or a device with {@code external} (ip-link(8)), whose routes
 * need not name the remote. A tunnel without a remote takes the packets of every remote. For it every route counts, and
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
     * @param remote of the tunnel; the any address where it has none
     */
    static List<FallbackUse> of(KernelReads reads, TunnelDriver driver, InetAddress remote) {
        FallbackUses reader = new FallbackUses(reads, remote);
        List<FallbackUse> uses = new ArrayList<>();
        // A device that is down neither sends nor receives.
        reads.forAllRemotes(driver).stream().filter(Link::up).forEach(link -> reader.use(link)
                .ifPresent(uses::add));
        return uses;
    }

    private Optional<FallbackUse> use(Link link) {
        return FallbackDevices.isFallback(link)
                ? route(link).or(() -> address(link))
                : Optional.of(new FallbackUse.External(link.name()));
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
        List<InetAddress> gateways = Stream.concat(
                        route.gateway().stream(),
                        route.nextHops().stream().flatMap(nextHop -> nextHop.gateway().stream()))
                .toList();
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
