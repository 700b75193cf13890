package dev.iptunnel.agent.spec;

import dev.iptunnel.api.v1alpha1.TunnelAddress;
import dev.iptunnel.api.v1alpha1.TunnelRoute;
import dev.iptunnel.tunnel.InnerAddress;
import dev.iptunnel.tunnel.InnerRoute;
import dev.iptunnel.tunnel.IpFamily;
import dev.iptunnel.tunnel.IpPrefix;
import dev.iptunnel.tunnel.TunnelMode;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;

/** Reads the addresses and routes of a spec. */
final class InnerNetworkReader {
    private static final long MOST = 0xffff_ffffL;
    private static final byte[] BROADCAST = {-1, -1, -1, -1};

    private final TunnelMode mode;
    private final boolean ipv4;

    private InnerNetworkReader(TunnelMode mode) {
        this.mode = mode;
        this.ipv4 = mode.inner() == IpFamily.IPV4;
    }

    static List<InnerAddress> addresses(TunnelMode mode, List<TunnelAddress> addresses) {
        InnerNetworkReader reader = new InnerNetworkReader(mode);
        List<InnerAddress> read = new ArrayList<>();
        Set<Object> seen = new HashSet<>();
        for (int i = 0; i < addresses.size(); i++) {
            String field = "spec.addresses[" + i + "]";
            InnerAddress address = reader.address(field, addresses.get(i));
            if (!seen.add(reader.ipv4 ? address.prefix() : address.address())) {
                throw new InvalidSpecException(field + ".address: the same address twice, in another spelling or with"
                        + " another prefix length, and an interface has an IPv6 address only once: leave one of the two"
                        + " out");
            }
            read.add(address);
        }
        return read;
    }

    /** @param addresses the addresses of the same spec */
    static List<InnerRoute> routes(TunnelMode mode, List<TunnelRoute> routes, List<InnerAddress> addresses) {
        InnerNetworkReader reader = new InnerNetworkReader(mode);
        List<InnerRoute> read = new ArrayList<>();
        for (int i = 0; i < routes.size(); i++) {
            String field = "spec.routes[" + i + "]";
            InnerRoute route = reader.route(field, routes.get(i));
            if (read.stream().anyMatch(route::isSameEntryAs)) {
                throw new InvalidSpecException(field + ": two routes to the same destination with one table and one"
                        + " metric, and for IPv6 the metrics 0 and 1024 are one: write another metric");
            }
            if (addresses.stream().map(InnerAddress::address).anyMatch(own -> isVia(route, own))) {
                throw new InvalidSpecException(
                        field + ".gateway: is one of the tunnel's own addresses: write the address"
                                + " of a router at the other end, or leave gateway out");
            }
            read.add(route);
        }
        return read;
    }

    private static boolean isVia(InnerRoute route, InetAddress address) {
        return route.gateway().filter(address::equals).isPresent();
    }

    private InnerAddress address(String field, TunnelAddress address) {
        IpPrefix prefix = prefix(field + ".address", address.address());
        if (!isHost(prefix.address()) && !(ipv4 && prefix.address().isLoopbackAddress())) {
            throw new InvalidSpecException(field + ".address: \"" + address.address()
                    + "\" is not an address that a tunnel's interface can have: write one like "
                    + (ipv4 ? "192.168.7.1/30" : "fd00:7::1/64"));
        }
        Optional<InetAddress> peer = Optional.ofNullable(address.peer()).map(text -> otherEnd(field + ".peer", text));
        if (peer.filter(prefix.address()::equals).isPresent()) {
            throw new InvalidSpecException(field + ".peer: the peer is the same address: write the address of the"
                    + " tunnel's other end, or leave peer out");
        }
        return new InnerAddress(prefix, peer);
    }

    private InnerRoute route(String field, TunnelRoute route) {
        String destination = route.destination();
        IpPrefix network = prefix(field + ".destination", destination).network();
        if (!destination.equals(network.toString())) {
            throw new InvalidSpecException(field + ".destination: \"" + destination
                    + "\" is not how this network is written: write " + network);
        }
        if (route.table() < 1 || route.table() > MOST || route.table() == InnerRoute.LOCAL_TABLE) {
            throw new InvalidSpecException(field + ".table: write a number from 1 to " + MOST + ", but not "
                    + InnerRoute.LOCAL_TABLE + ", where the kernel keeps the node's own addresses");
        }
        if (route.metric() < 0 || route.metric() > MOST) {
            throw new InvalidSpecException(field + ".metric: write a number from 0 to " + MOST);
        }
        return new InnerRoute(
                network,
                Optional.ofNullable(route.gateway()).map(text -> otherEnd(field + ".gateway", text)),
                route.table(),
                route.metric());
    }

    private IpPrefix prefix(String field, String text) {
        return field(field, () -> IpPrefix.parse(mode.inner(), text));
    }

    private InetAddress otherEnd(String field, String text) {
        InetAddress address = field(field, () -> mode.inner().parse(text));
        if (!isHost(address)) {
            throw new InvalidSpecException(field + ": \"" + text
                    + "\" is not an address that the other end can have: write one like "
                    + (ipv4 ? "192.168.7.2" : "fd00:7::2"));
        }
        return address;
    }

    private static boolean isHost(InetAddress address) {
        return !address.isAnyLocalAddress()
                && !address.isLoopbackAddress()
                && !address.isMulticastAddress()
                && !Arrays.equals(address.getAddress(), BROADCAST);
    }

    private <T> T field(String field, Supplier<T> reader) {
        try {
            return reader.get();
        } catch (IllegalArgumentException e) {
            throw new InvalidSpecException(
                    field + ": " + e.getMessage() + "; mode " + mode + " carries " + mode.inner());
        }
    }
}
