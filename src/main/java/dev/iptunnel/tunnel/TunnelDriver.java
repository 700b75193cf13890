package dev.iptunnel.tunnel;

import java.util.Arrays;
import java.util.Optional;

/** A tunnel driver of the kernel, by its rtnetlink kind ({@code IFLA_INFO_KIND}). */
public enum TunnelDriver {
    /** IPv4 outer, {@code net/ipv4/ipip.c}. */
    IPIP("ipip", IpFamily.IPV4),
    /** IPv4 outer, {@code net/ipv6/sit.c}. */
    SIT("sit", IpFamily.IPV4),
    /** IPv6 outer, {@code net/ipv6/ip6_tunnel.c}: both IPv6 modes. */
    IP6TNL("ip6tnl", IpFamily.IPV6);

    private final String kind;
    private final IpFamily outer;

    TunnelDriver(String kind, IpFamily outer) {
        this.kind = kind;
        this.outer = outer;
    }

    public String kind() {
        return kind;
    }

    public IpFamily outer() {
        return outer;
    }

    public static Optional<TunnelDriver> ofKind(String kind) {
        return Arrays.stream(values())
                .filter(driver -> driver.kind.equals(kind))
                .findFirst();
    }
}
