package dev.iptunnel.netlink;

import dev.iptunnel.netlink.link.LinkChange;
import java.util.Optional;
import java.util.OptionalInt;

/** Changes of one property of a link each. */
public final class LinkChanges {
    private LinkChanges() {}

    public static LinkChange alias(String alias) {
        return new LinkChange(
                Optional.empty(), Optional.of(alias), OptionalInt.empty(), Optional.empty(), OptionalInt.empty());
    }

    public static LinkChange mtu(int mtu) {
        return new LinkChange(
                Optional.empty(), Optional.empty(), OptionalInt.of(mtu), Optional.empty(), OptionalInt.empty());
    }

    public static LinkChange up() {
        return new LinkChange(
                Optional.empty(), Optional.empty(), OptionalInt.empty(), Optional.of(true), OptionalInt.empty());
    }
}
