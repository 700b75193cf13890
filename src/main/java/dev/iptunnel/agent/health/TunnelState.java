package dev.iptunnel.agent.health;

import dev.iptunnel.health.StatusPage;
import dev.iptunnel.tunnel.TunnelDriver;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Supplier;

/**
 * What the agent knows of one IpTunnel after it was reconciled, for metrics and {@code /statusz}. Texts that are not known
 * are empty.
 *
 * @param name of the object
 * @param parent the interface that carries the outer packets
 * @param driver of the interface; empty if the spec is invalid
 * @param ifindex empty while there is no interface
 * @param mtu of the interface, in bytes
 * @param reason of the condition Ready
 * @param message of the condition Ready
 * @param since when the condition Ready got its status, in the format of RFC 3339
 * @param contended whether something else keeps undoing what the agent repairs
 * @param withdrawn how many routes are missing because packets cannot pass
 */
public record TunnelState(
        String name,
        String mode,
        String interfaceName,
        String local,
        String remote,
        String parent,
        Optional<TunnelDriver> driver,
        OptionalInt ifindex,
        OptionalInt mtu,
        boolean programmed,
        boolean ready,
        String reason,
        String message,
        String since,
        boolean contended,
        int withdrawn) {
    private static final List<String> HEADINGS =
            List.of("TUNNEL", "INTERFACE", "IFINDEX", "READY", "REASON", "SINCE", "MESSAGE");

    /** Makes the tunnels the table of {@code /statusz}. */
    public static void describe(StatusPage page, Supplier<List<TunnelState>> tunnels) {
        page.table(HEADINGS, () -> tunnels.get().stream().map(TunnelState::row).toList());
    }

    private List<String> row() {
        return List.of(
                name,
                interfaceName,
                ifindex.isPresent() ? Integer.toString(ifindex.getAsInt()) : "-",
                ready ? "True" : "False",
                reason + (contended ? " (contended)" : ""),
                since,
                message);
    }
}
