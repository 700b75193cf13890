package dev.iptunnel.agent.confirm;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A change of an IpTunnel, as it is kept on disk from before it is made until it is confirmed, or, if it was undone, until
 * the object asks for something else.
 *
 * @param format {@link #FORMAT}; others are ignored
 * @param manager of the tunnel's mark
 * @param uid of the IpTunnel
 * @param name of the IpTunnel
 * @param generation of the IpTunnel that asked for the change
 * @param servers as {@code ADDRESS:PORT}: one of them has to answer after the change
 * @param boot of the kernel in which the change was made: {@code /proc/sys/kernel/random/boot_id}
 * @param deadline in seconds since that boot, suspends included: until then an answer is waited for
 * @param held the spec of the tunnel that there was before; null: there was none
 * @param rolledBack why the change was undone; null: it is not confirmed yet
 */
public record StoredChange(
        @JsonProperty("format") int format,
        @JsonProperty("manager") String manager,
        @JsonProperty("uid") String uid,
        @JsonProperty("name") String name,
        @JsonProperty("generation") long generation,
        @JsonProperty("servers") List<String> servers,
        @JsonProperty("boot") String boot,
        @JsonProperty("deadline") double deadline,
        @JsonProperty("held") @Nullable JsonNode held,
        @JsonProperty("rolledBack") @Nullable String rolledBack) {
    static final int FORMAT = 1;

    /** The same change, undone. */
    StoredChange undone(String why) {
        return new StoredChange(format, manager, uid, name, generation, servers, boot, deadline, held, why);
    }
}
