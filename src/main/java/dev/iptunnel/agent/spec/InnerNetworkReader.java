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
import java.util.function.BiFunction;
import java.util.function.Supplier;

/** Reads the addresses and routes of a spec. The messages are those of the CRD's rules. */
final class InnerNetworkReader {
    private static final long MOST = 0xffff_ffffL;
    private static final byte[] BROADCAST = {-1, -1, -1, -1};

    private final TunnelMode mode;
    private final boolean ipv4;

    /** What a text of the spec stands for, in words of the messages. */
    private enum Part {
        ADDRESS(
                "addresses",
                "192.168.7.1/30",
                "fd00:7::1/64",
                "no address with its prefix length: write one like 192.168.7.1/30 or fd00:7::1/64"),
        PEER("peers", Part.HOST4, Part.HOST6, Part.NO_HOST),
        GATEWAY("gateways", Part.HOST4, Part.HOST6, Part.NO_HOST),
        TARGET("targets", Part.HOST4, Part.HOST6, Part.NO_HOST),
        DESTINATION(
                "destinations",
                "10.9.0.0/16",
                "fd00:9::/48",
                "no network with its prefix length: write one like 10.9.0.0/16 or fd00:9::/48, or 0.0.0.0/0 or ::/0 for every"
                        + " address");

        private static final String HOST4 = "192.168.7.2";
        private static final String HOST6 = "fd00:7::2";
        private static final String NO_HOST =
                "no address: write one without a prefix length, like 192.168.7.2 or fd00:7::2";

        private final String plural;
        private final String example4;
        private final String example6;
        private final String malformed;

        Part(String plural, String example4, String example6, String malformed) {
            this.plural = plural;
            this.example4 = example4;
            this.example6 = example6;
            this.malformed = malformed;
        }
    }

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
                        + " metric, and a route without them has table 254 and metric 0, for IPv6 metric 1024: leave one of"
                        + " the two out, or write another metric");
            }
            if (addresses.stream().map(InnerAddress::address).anyMatch(own -> isVia(route, own))) {
                throw new InvalidSpecException(
                        field + ".gateway: a gateway is one of the tunnel's own addresses: write the address"
                                + " of a router at the other end, or leave gateway out");
            }
            read.add(route);
        }
        return read;
    }

    /** An address of the other end that is asked for an answer. */
    static InetAddress target(TunnelMode mode, String field, String text) {
        return new InnerNetworkReader(mode).otherEnd(Part.TARGET, field, text);
    }

    private static boolean isVia(InnerRoute route, InetAddress address) {
        return route.gateway().filter(address::equals).isPresent();
    }

    private InnerAddress address(String field, TunnelAddress address) {
        IpPrefix prefix = read(Part.ADDRESS, field + ".address", address.address(), IpPrefix::parse);
        if (!isHost(prefix.address()) && !(ipv4 && prefix.address().isLoopbackAddress())) {
            throw new InvalidSpecException(field + ".address: \"" + address.address()
                    + "\" is not an address that a tunnel's interface can have: write one like 192.168.7.1/30 or"
                    + " fd00:7::1/64");
        }
        Optional<InetAddress> peer =
                Optional.ofNullable(address.peer()).map(text -> otherEnd(Part.PEER, field + ".peer", text));
        if (peer.filter(prefix.address()::equals).isPresent()) {
            throw new InvalidSpecException(field + ".peer: the peer is the same address: write the address of the"
                    + " tunnel's other end, or leave peer out");
        }
        return new InnerAddress(prefix, peer);
    }

    private InnerRoute route(String field, TunnelRoute route) {
        String destination = route.destination();
        IpPrefix network = read(Part.DESTINATION, field + ".destination", destination, IpPrefix::parse)
                .network();
        if (!destination.equals(network.toString())) {
            throw new InvalidSpecException(field + ".destination: \"" + destination
                    + "\" is not how this network is written: write " + network);
        }
        if (route.table() == InnerRoute.LOCAL_TABLE) {
            throw new InvalidSpecException(field + ".table: " + InnerRoute.LOCAL_TABLE
                    + " is the table where the kernel" + " keeps the node's own addresses: write another, "
                    + InnerRoute.MAIN_TABLE + " is the main one");
        }
        if (route.table() < 1 || route.table() > MOST) {
            throw new InvalidSpecException(field + ".table: write a number from 1 to " + MOST);
        }
        if (route.metric() < 0 || route.metric() > MOST) {
            throw new InvalidSpecException(field + ".metric: write a number from 0 to " + MOST);
        }
        return new InnerRoute(
                network,
                Optional.ofNullable(route.gateway()).map(text -> otherEnd(Part.GATEWAY, field + ".gateway", text)),
                route.table(),
                route.metric());
    }

    private InetAddress otherEnd(Part part, String field, String text) {
        InetAddress address = read(part, field, text, IpFamily::parse);
        if (!isHost(address)) {
            throw new InvalidSpecException(field + ": \"" + text
                    + "\" is not an address that the other end can have: write one like 192.168.7.2 or fd00:7::2");
        }
        return address;
    }

    private static boolean isHost(InetAddress address) {
        return !address.isAnyLocalAddress()
                && !address.isLoopbackAddress()
                && !address.isMulticastAddress()
                && !Arrays.equals(address.getAddress(), BROADCAST);
    }

    private <T> T read(Part part, String field, String text, BiFunction<IpFamily, String, T> parser) {
        try {
            return parser.apply(mode.inner(), text);
        } catch (IllegalArgumentException e) {
            IpFamily other = ipv4 ? IpFamily.IPV6 : IpFamily.IPV4;
            throw new InvalidSpecException(
                    parsed(() -> parser.apply(other, text)).isPresent()
                            ? field + ": mode " + mode + " carries " + mode.inner() + ", so write " + mode.inner() + " "
                                    + part.plural + ", like " + (ipv4 ? part.example4 : part.example6)
                            : field + ": \"" + text + "\" is " + part.malformed);
        }
    }

    private static <T> Optional<T> parsed(Supplier<T> parser) {
        try {
            return Optional.of(parser.get());
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }
}
