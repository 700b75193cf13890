package dev.iptunnel.observation;

import dev.iptunnel.tunnel.IpPrefix;
import java.net.InetAddress;
import java.util.Optional;

/** That packets are exchanged by a device for all remotes, which a tunnel of the same driver would take over. */
public sealed interface FallbackUse {
    /** The device's name. */
    String device();

    /** A route leads into the driver's fallback device. */
    record ByRoute(IpPrefix destination, Optional<InetAddress> gateway, String device) implements FallbackUse {}

    /** The fallback device has an address, and takes packets of any remote. */
    record ByAddress(IpPrefix address, String device) implements FallbackUse {}

    /** A device that is {@code external} (ip-link(8)): its routes need not name the remote. */
    record External(String device) implements FallbackUse {}
}
