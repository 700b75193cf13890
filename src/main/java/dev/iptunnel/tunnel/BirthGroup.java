package dev.iptunnel.tunnel;

import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32;

/**
 * The interface group ({@code IFLA_GROUP}) that a tunnel of ours has between its creation and its mark. The kernel ignores
 * an alias in the message that creates an interface, but takes a group there. So the two are never apart: an agent that is
 * killed before it marks its tunnel leaves one of this group, and nobody else makes one. The message that sets the mark puts
 * the tunnel into the default group.
 *
 * <p>The number is derived from the manager, so that it survives the agent. It is one of 2<sup>30</sup> to 2<sup>31</sup>-1:
 * people use small ones, and ip-link(8) takes no greater.
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
