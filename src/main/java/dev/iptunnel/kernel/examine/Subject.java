package dev.iptunnel.kernel.examine;

import dev.iptunnel.planner.Claims;
import dev.iptunnel.tunnel.DesiredTunnel;
import java.util.Optional;

/**
 * A tunnel to examine.
 *
 * @param name of its interface
 * @param desired what is asked for, if that is known
 * @param claims what all known tunnels ask for
 */
public record Subject(String name, Optional<DesiredTunnel> desired, Claims claims) {}
