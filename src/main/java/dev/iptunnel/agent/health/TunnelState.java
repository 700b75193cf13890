package dev.iptunnel.agent.health;

import dev.iptunnel.tunnel.TunnelDriver;
import java.util.Optional;
import java.util.OptionalInt;

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
        boolean contended) {}
