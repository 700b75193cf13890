package dev.iptunnel.tunnel;

import java.util.Arrays;
import java.util.Optional;

/** The mode of a tunnel, by its name in ip-tunnel(8): which protocol travels inside which. */
public enum TunnelMode {
    /** IPv4 in IPv4 (RFC 2003). */
    IPIP("ipip", TunnelDriver.IPIP, IpFamily.IPV4),
    /** IPv6 in IPv4 (RFC 4213). */
    SIT("sit", TunnelDriver.SIT, IpFamily.IPV6),
    /** IPv6 in IPv6 (RFC 2473). */
    IP6IP6("ip6ip6", TunnelDriver.IP6TNL, IpFamily.IPV6),
    /** IPv4 in IPv6 (RFC 2473). */
    IPIP6("ipip6", TunnelDriver.IP6TNL, IpFamily.IPV4);

    private final String text;
    private final TunnelDriver driver;
    private final IpFamily inner;

    TunnelMode(String text, TunnelDriver driver, IpFamily inner) {
        this.text = text;
        this.driver = driver;
        this.inner = inner;
    }

    public TunnelDriver driver() {
        return driver;
    }

    public IpFamily outer() {
        return driver.outer();
    }

    public IpFamily inner() {
        return inner;
    }

    /** The IP protocol number of the inner packets: 4 (IPIP) or 41 (IPv6). */
    public int protocol() {
        return inner == IpFamily.IPV4 ? 4 : 41;
    }

    public static Optional<TunnelMode> ofText(String text) {
        return Arrays.stream(values()).filter(mode -> mode.text.equals(text)).findFirst();
    }

    public static Optional<TunnelMode> of(TunnelDriver driver, int protocol) {
        return Arrays.stream(values())
                .filter(mode -> mode.driver == driver && mode.protocol() == protocol)
                .findFirst();
    }

    @Override
    public String toString() {
        return text;
    }
}
