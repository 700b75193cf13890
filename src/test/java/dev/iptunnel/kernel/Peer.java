package dev.iptunnel.kernel;

import dev.iptunnel.tunnel.IpFamily;
import dev.iptunnel.tunnel.TunnelMode;
import java.util.List;
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

    /** ICMPv6 type 134 from a raw socket, whose checksum the kernel makes; one a second time, should one be lost. */
    private static final String ADVERTISE =
            """
            my $index = $ARGV[0];
            socket(my $s, AF_INET6, SOCK_RAW, 58) or die "socket: $!";
            setsockopt($s, 41, 18, pack("i", 255)) or die "hops: $!";
            setsockopt($s, 41, 17, pack("i", $index)) or die "interface: $!";
            bind($s, pack_sockaddr_in6(0, inet_pton(AF_INET6, "fe80::2"), $index)) or die "bind: $!";
            my $prefix = pack("CCCCNNN", 3, 4, 64, 0xc0, 3600, 3600, 0) . inet_pton(AF_INET6, "2001:db8:bad::");
            my $message = pack("CCnCCnNN", 134, 0, 0, 64, 0, 1800, 0, 0) . $prefix;
            for (1 .. 2) {
              send($s, $message, 0, pack_sockaddr_in6(0, inet_pton(AF_INET6, "ff02::1"), $index)) or die "send: $!";
            }
            """;

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

    /** Sends router advertisements (RFC 4861) out of {@code far}: a router for half an hour, and 2001:db8:bad::/64. */
    static void advertise() {
        run("address replace fe80::2/64 dev far nodad");
        Iproute2.run(List.of(
                "ip",
                "netns",
                "exec",
                NAMESPACE,
                "perl",
                "-MSocket=:all",
                "-e",
                ADVERTISE,
                Iproute2.ifindexIn(NAMESPACE, "far")));
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
