package dev.iptunnel.netlink.link;

import java.util.Optional;
import java.util.OptionalInt;

/**
 * What one RTM_SETLINK message changes. What is empty stays as it is. The kernel applies the parts one after the other
 * (the MTU, the group, the name, the alias, up or down), and stops at the first that fails.
 *
 * @param name the new name; kernels before 6.2 refuse it while the link is up
 * @param alias at most 255 bytes of UTF-8; the empty string removes it
 * @param mtu in bytes
 * @param group {@code IFLA_GROUP}; 0 is the default one
 */
public record LinkChange(
        Optional<String> name, Optional<String> alias, OptionalInt mtu, Optional<Boolean> up, OptionalInt group) {
    /** Changes nothing but the name. */
    public static LinkChange rename(String newName) {
        return new LinkChange(
                Optional.of(newName), Optional.empty(), OptionalInt.empty(), Optional.empty(), OptionalInt.empty());
    }
}
