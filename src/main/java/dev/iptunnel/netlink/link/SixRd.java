package dev.iptunnel.netlink.link;

import java.net.Inet4Address;
import java.net.Inet6Address;

/**
 * IPv6 rapid deployment (RFC 5969) on a {@code sit} tunnel, IFLA_IPTUN_6RD_*; the kernel's default is 6to4,
 * {@code 2002::/16}.
 */
public record SixRd(Inet6Address prefix, int prefixLength, Inet4Address relayPrefix, int relayPrefixLength) {
    /** Whether it is 6to4 of RFC 3056, which a {@code sit} tunnel has where nothing else was set. */
    public boolean isDefault() {
        byte[] bytes = prefix.getAddress();
        boolean sixToFour = bytes[0] == 0x20 && bytes[1] == 0x02;
        for (int i = 2; i < bytes.length; i++) {
            sixToFour &= bytes[i] == 0;
        }
        return sixToFour && prefixLength == 16 && relayPrefix.isAnyLocalAddress() && relayPrefixLength == 0;
    }
}
