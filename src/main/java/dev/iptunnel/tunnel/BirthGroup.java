package dev.iptunnel.tunnel;

import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32;

/**
 * The interface group ({@code IFLA_GROUP}) that a tunnel of ours is in between its creation and its mark. The kernel ignores
 * an alias in the message that creates an interface, but accepts a group. So the group recognises a tunnel whose agent was
 * killed before it set the mark: nothing else uses this group. The message that sets the mark moves the tunnel to the
 * default group.
 *
 * <p>The number is derived from the manager, so the next agent knows it. It is at least 2<sup>30</sup>, because people use
 * small numbers, and less than 2<sup>31</sup>, because ip-link(8) accepts no larger one.
 */
public final class BirthGroup {
    private static final String PURPOSE = "iptunnel.dev/birth ";
    private static final int LEAST = 1 << 30;

    private BirthGroup() {}

    public static int of(String manager) {
        CRC32 checksum = new CRC32();
        checksum.update((PURPOSE + manager).getBytes(StandardCharsets.UTF_8));
        return LEAST | ((int) checksum.getValue() & (LEAST - 1));
    }
}
