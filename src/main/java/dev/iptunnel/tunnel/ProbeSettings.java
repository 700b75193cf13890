package dev.iptunnel.tunnel;

import java.net.InetAddress;
import java.time.Duration;
import java.util.Optional;

/**
 * How it is found out whether the peer answers through a tunnel.
 *
 * @param target the address that is asked; empty = derived from the tunnel's first address
 * @param interval between two probes; it grows on a node with many tunnels
 * @param timeout how long an answer is awaited, at most the interval
 * @param failureThreshold after how many probes in a row without an answer the peer counts as unreachable
 * @param successThreshold after how many answered probes in a row it counts as reachable again
 * @param verifiesPathMtu whether it is verified that packets of the tunnel's MTU pass
 */
public record ProbeSettings(
        Optional<InetAddress> target,
        Duration interval,
        Duration timeout,
        int failureThreshold,
        int successThreshold,
        boolean verifiesPathMtu) {}
