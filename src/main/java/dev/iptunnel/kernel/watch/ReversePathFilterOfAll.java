package dev.iptunnel.kernel.watch;

import dev.iptunnel.netlink.Rtnetlink;
import java.util.Optional;
import java.util.OptionalInt;

/** {@code net.ipv4.conf.all.rp_filter} as it was last read. Not thread-safe. */
final class ReversePathFilterOfAll {
    private final Rtnetlink rtnetlink;
    /** Empty where no tunnel was looked at with it. */
    private Optional<OptionalInt> known = Optional.empty();

    ReversePathFilterOfAll(Rtnetlink rtnetlink) {
        this.rtnetlink = rtnetlink;
    }

    OptionalInt get() {
        OptionalInt value = known.orElseGet(rtnetlink::reversePathFilterOfAll);
        known = Optional.of(value);
        return value;
    }

    void forget() {
        known = Optional.empty();
    }

    /** Reads it again if a tunnel was looked at with it. */
    boolean changed() {
        Optional<OptionalInt> before = known;
        known = before.map(_ -> rtnetlink.reversePathFilterOfAll());
        return !known.equals(before);
    }
}
