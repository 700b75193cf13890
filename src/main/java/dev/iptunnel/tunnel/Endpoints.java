package dev.iptunnel.tunnel;

import java.net.InetAddress;

/**
 * What identifies a tunnel of a driver in the kernel: two tunnels of one driver never have the same endpoints.
 * {@code ip6ip6} and {@code ipip6} share a driver.
 *
 * @param local unspecified = any
 * @param remote unspecified = any
 * @param parent an ifindex; 0 = none
 */
public record Endpoints(TunnelDriver driver, InetAddress local, InetAddress remote, int parent) {}
