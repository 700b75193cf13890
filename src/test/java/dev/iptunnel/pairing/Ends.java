package dev.iptunnel.pairing;

import dev.iptunnel.tunnel.IpFamily;
import dev.iptunnel.tunnel.IpPrefix;
import dev.iptunnel.tunnel.TunnelMode;
import java.net.InetAddress;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.Stream;

/** Ends of tunnels of two nodes: {@code node1} has 192.0.2.1 and 2001:db8::1, {@code node2} 192.0.2.2 and 2001:db8::2. */
final class Ends {
    static final List<ClusterNode> NODES = List.of(node("node1", "1"), node("node2", "2"));

    private Ends() {}

    private static ClusterNode node(String name, String number) {
        return new ClusterNode(
                name,
                Set.of(address("192.0.2." + number), address("2001:db8::" + number)),
                Set.of(address("203.0.113." + number)));
    }

    static InetAddress address(String text) {
        return IpFamily.literal(text).orElseThrow();
    }

    private static Optional<InetAddress> outer(String text) {
        return "any".equals(text) ? Optional.empty() : Optional.of(address(text));
    }

    /** {@code any} is possible for both addresses. */
    static TunnelEnd end(TunnelMode mode, String name, String node, String local, String remote) {
        return new TunnelEnd(
                name,
                "uid-of-" + name,
                node,
                mode,
                outer(local),
                outer(remote),
                OptionalInt.of(1480),
                "none",
                true,
                Optional.empty(),
                List.of());
    }

    /** From node1 to node2. */
    static TunnelEnd first(TunnelMode mode) {
        return mode.outer() == IpFamily.IPV4
                ? end(mode, "first", "node1", "192.0.2.1", "192.0.2.2")
                : end(mode, "first", "node1", "2001:db8::1", "2001:db8::2");
    }

    /** From node2 to node1. */
    static TunnelEnd second(TunnelMode mode) {
        return mode.outer() == IpFamily.IPV4
                ? end(mode, "second", "node2", "192.0.2.2", "192.0.2.1")
                : end(mode, "second", "node2", "2001:db8::2", "2001:db8::1");
    }

    static TunnelEnd withMtu(TunnelEnd end, OptionalInt mtu) {
        return changed(end, mtu, end.encapsulationLimit(), end.up(), end.notReady(), end.inner());
    }

    static TunnelEnd withLimit(TunnelEnd end, String limit) {
        return changed(end, end.mtu(), limit, end.up(), end.notReady(), end.inner());
    }

    static TunnelEnd down(TunnelEnd end) {
        return changed(end, end.mtu(), end.encapsulationLimit(), false, end.notReady(), end.inner());
    }

    static TunnelEnd notReady(TunnelEnd end, String reason) {
        return changed(end, end.mtu(), end.encapsulationLimit(), end.up(), Optional.of(reason), end.inner());
    }

    /** With these addresses, such as {@code 10.0.0.1/30} or {@code 10.0.0.1/32 peer 10.0.0.2}, and routes: {@code to 10.9.0.0/16}. */
    static TunnelEnd with(TunnelEnd end, String... inner) {
        return changed(
                end,
                end.mtu(),
                end.encapsulationLimit(),
                end.up(),
                end.notReady(),
                Stream.of(inner).map(way -> way(end.mode(), way)).toList());
    }

    private static TunnelEnd changed(
            TunnelEnd end, OptionalInt mtu, String limit, boolean up, Optional<String> notReady, List<InnerWay> inner) {
        return new TunnelEnd(
                end.tunnel(),
                end.uid(),
                end.node(),
                end.mode(),
                end.local(),
                end.remote(),
                mtu,
                limit,
                up,
                notReady,
                inner);
    }

    private static InnerWay way(TunnelMode mode, String text) {
        String[] words = text.split(" ", -1);
        if (words[0].equals("to")) {
            return InnerWay.to(IpPrefix.parse(mode.inner(), words[1]));
        }
        IpPrefix address = IpPrefix.parse(mode.inner(), words[0]);
        return words.length > 1 ? InnerWay.of(address, address(words[2])) : InnerWay.of(address);
    }
}
