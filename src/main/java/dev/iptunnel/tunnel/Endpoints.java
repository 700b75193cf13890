package dev.iptunnel.tunnel;

import java.net.InetAddress;

/**
 * What tells the tunnels of one driver apart in the kernel, whatever their names: two of the same cannot be, and
 * {@code ip6ip6} and {@code ipip6} share a driver.
 *
 * @param local unspecified = any
 * @param remote unspecified = any
 * @param parent an ifindex; 0 = none
 */
public record Endpoints(TunnelDriver driver, InetAddress local, InetAddress remote, int parent) {}
