package dev.iptunnel.kernel;

import dev.iptunnel.tunnel.IpFamily;
import dev.iptunnel.tunnel.TunnelMode;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Another machine: a network namespace at the end of a cable from {@code under0}, which is a real device then, with the
 * addresses 192.0.2.2 and 2001:db8::2 on {@code wire}. To be registered after {@link TunnelNode}.
 */
final class Peer implements BeforeEachCallback, AfterEachCallback {
    static final String NAMESPACE = "peer";

    @Override
    public void beforeEach(ExtensionContext context) {
        Iproute2.batch(Stream.concat(
                        Stream.of(
                                "netns add " + NAMESPACE,
                                "link delete dev under0",
                                "link add under0 type veth peer name wire netns " + NAMESPACE),
                        TunnelNode.configuration("under0", TunnelNode.UNDER0))
                .toArray(String[]::new));
        run(
                "link set lo up",
                "link set wire up",
                "address add 192.0.2.2/24 dev wire",
                "address add 2001:db8::2/64 dev wire nodad");
    }

    @Override
    public void afterEach(ExtensionContext context) {
        Iproute2.run("ip netns delete " + NAMESPACE);
    }

    /** Commands of ip(8) there, without their first word. */
    static void run(String... commands) {
        Iproute2.batchIn(NAMESPACE, commands);
    }

    /** The other end of {@link TunnelNode#tunnel}: {@code far}, with 10.9.0.2 or fd09::2. */
    static void tunnel(TunnelMode mode) {
        tunnel(
                mode,
                mode.outer() == IpFamily.IPV4
                        ? "local 192.0.2.2 remote 192.0.2.1"
                        : "local 2001:db8::2 remote 2001:db8::1");
    }

    static void tunnel(TunnelMode mode, String endpoints) {
        String type =
                switch (mode) {
                    case IPIP, SIT -> mode.driver().kind() + " ttl 64";
                    case IP6IP6, IPIP6 -> "ip6tnl mode " + mode + " hoplimit 64 encaplimit none";
                };
        run(
                "link add far type " + type + " " + endpoints,
                "link set far up",
                "address add " + (mode.inner() == IpFamily.IPV4 ? "10.9.0.2/30" : "fd09::2/64") + " dev far");
    }

    /** The node's address inside {@link TunnelNode#tunnel}. */
    static String inner(TunnelMode mode) {
        return mode.inner() == IpFamily.IPV4 ? "10.9.0.1" : "fd09::1";
    }

    /** Pings from there until the thing is done, and some packets longer. */
    static Pings pingWhile(String address, Runnable thing) {
        try (Pings pings = Pings.start(NAMESPACE, "-w", "120", address)) {
            pings.awaitSome();
            thing.run();
            pings.awaitSome();
            return pings;
        }
    }

    /** Pings from there some times; words as of ping(8), the address last. */
    static Pings ping(String... words) {
        try (Pings pings = Pings.start(
                NAMESPACE, Stream.concat(Stream.of("-c", "5"), Stream.of(words)).toArray(String[]::new))) {
            pings.awaitEnd();
            return pings;
        }
    }
}
