package dev.iptunnel.kernel;

import dev.iptunnel.tunnel.DesiredTunnelBuilder;
import dev.iptunnel.tunnel.IpFamily;
import dev.iptunnel.tunnel.TunnelMode;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * The other end of a tunnel behind a router: the network namespace {@code distant} with the addresses 198.18.0.2 and
 * 2001:db8:18::2, and between it and {@code under0} the namespace {@code router}. To be registered after
 * {@link TunnelNode}.
 */
final class DistantPeer implements BeforeEachCallback, AfterEachCallback {
    private static final String NAMESPACE = "distant";
    private static final String ROUTER = "router";
    private static final String OUTER4 = "198.18.0.2";
    private static final String OUTER6 = "2001:db8:18::2";

    @Override
    public void beforeEach(ExtensionContext context) {
        Iproute2.batch(Stream.concat(
                        Stream.of(
                                "netns add " + NAMESPACE,
                                "netns add " + ROUTER,
                                "link delete dev under0",
                                "link add under0 type veth peer name near netns " + ROUTER),
                        TunnelNode.configuration("under0", TunnelNode.UNDER0))
                .toArray(String[]::new));
        Iproute2.batchIn(
                ROUTER,
                "link set lo up",
                "link set near up",
                "address add 192.0.2.254/24 dev near",
                "address add 2001:db8::254/64 dev near nodad",
                "link add away type veth peer name wire netns " + NAMESPACE,
                "link set away up",
                "address add 198.18.0.254/24 dev away",
                "address add 2001:db8:18::254/64 dev away nodad");
        Iproute2.run("ip netns exec " + ROUTER + " sysctl -q -w net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1");
        run(
                "link set lo up",
                "link set wire up",
                "address add " + OUTER4 + "/24 dev wire",
                "address add " + OUTER6 + "/64 dev wire nodad",
                "route add 192.0.2.0/24 via 198.18.0.254",
                "route add 2001:db8::/64 via 2001:db8:18::254");
        Iproute2.batch("route add 198.18.0.0/24 via 192.0.2.254", "route add 2001:db8:18::/64 via 2001:db8::254");
    }

    @Override
    public void afterEach(ExtensionContext context) {
        Iproute2.run("ip netns delete " + NAMESPACE);
        Iproute2.run("ip netns delete " + ROUTER);
    }

    private static void run(String... commands) {
        Iproute2.batchIn(NAMESPACE, commands);
    }

    /** The node's end: {@code tun}, with 10.9.0.1/30 or fd09::1/64. */
    static DesiredTunnelBuilder near(TunnelMode mode) {
        return TunnelNode.tunnel("tun", mode).remote(mode.outer() == IpFamily.IPV4 ? OUTER4 : OUTER6);
    }

    /** The other end: {@code far}, with 10.9.0.2 or fd09::2. */
    static void tunnel(TunnelMode mode) {
        boolean ipv4 = mode.outer() == IpFamily.IPV4;
        String type =
                switch (mode) {
                    case IPIP, SIT -> mode.driver().kind() + " ttl 64";
                    case IP6IP6, IPIP6 -> "ip6tnl mode " + mode + " hoplimit 64 encaplimit none";
                };
        run(
                "link add far type " + type + " local " + (ipv4 ? OUTER4 : OUTER6) + " remote "
                        + (ipv4 ? "192.0.2.1" : "2001:db8::1"),
                "link set far up",
                "address add " + (mode.inner() == IpFamily.IPV4 ? "10.9.0.2/30" : "fd09::2/64") + " dev far");
    }

    /** One more address of {@code far}. */
    static void address(String address) {
        run("address add " + address + " dev far nodad");
    }

    static void removeTunnel() {
        run("link delete dev far");
    }

    /** The MTU behind the router, in both directions. */
    static void mtu(int mtu) {
        Iproute2.batchIn(ROUTER, "link set away mtu " + mtu);
        run("link set wire mtu " + mtu);
    }

    /** From now on the router sends the node no messages, so it does not say that a packet was too long. */
    static void silenceRouter() {
        rule(IpFamily.IPV4, "add priority 5 iif lo to 192.0.2.1 blackhole");
        rule(IpFamily.IPV6, "add priority 5 iif lo to 2001:db8::1 blackhole");
    }

    /** The router drops IP-in-IP packets that come from there: {@code near} of the node, {@code away} of the other end. */
    static void drop(TunnelMode mode, String from) {
        rule(mode.outer(), "add priority 6 iif " + from + " ipproto " + mode.protocol() + " blackhole");
    }

    static void pass(TunnelMode mode, String from) {
        rule(mode.outer(), "delete priority 6 iif " + from + " ipproto " + mode.protocol() + " blackhole");
    }

    private static void rule(IpFamily family, String words) {
        Iproute2.run("ip -netns " + ROUTER + (family == IpFamily.IPV4 ? " -4" : " -6") + " rule " + words);
    }
}
