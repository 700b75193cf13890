package dev.iptunnel.netlink.link;

import java.util.Optional;
import java.util.OptionalInt;

/**
 * A part of a link, as events of wireless drivers tell: what is not told is as it was.
 *
 * @param flags {@code IFF_*}
 * @param more whether it tells of anything else
 */
public record PartialLink(
        int index,
        int arphrdType,
        int flags,
        Optional<String> name,
        OptionalInt mtu,
        Optional<OperState> operState,
        boolean more) {
    /** Whether it says nothing that this link does not. */
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
