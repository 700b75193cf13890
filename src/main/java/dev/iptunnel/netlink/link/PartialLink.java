package dev.iptunnel.netlink.link;

import java.util.Optional;
import java.util.OptionalInt;

/**
 * A part of a link, as in notifications of wireless drivers. What is missing did not change.
 *
 * @param flags {@code IFF_*}
 * @param more whether the message has anything else
 */
public record PartialLink(
        int index,
        int arphrdType,
        int flags,
        Optional<String> name,
        OptionalInt mtu,
        Optional<OperState> operState,
        boolean more) {
    /** Whether it agrees with the link, and has nothing more. */
    public boolean saysNothingBut(Link link) {
        return !more
                && link.index() == index
                && link.arphrdType() == arphrdType
                && link.flags() == flags
                && name.stream().allMatch(link.name()::equals)
                && mtu.stream().allMatch(told -> told == link.mtu())
                && operState.stream().allMatch(link.operState()::equals);
    }
}
