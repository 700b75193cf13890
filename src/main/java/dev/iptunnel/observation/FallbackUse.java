package dev.iptunnel.observation;

import dev.iptunnel.tunnel.IpPrefix;
import java.net.InetAddress;
import java.util.Optional;

/** A use of a device for all remotes; a tunnel of the same driver would take over the packets. */
public sealed interface FallbackUse {
    /** The device's name. */
    String device();

    /** A route leads into the device. */
    record ByRoute(IpPrefix destination, Optional<InetAddress> gateway, String device) implements FallbackUse {}

    /** The device has an address, and accepts packets of any remote. */
    record ByAddress(IpPrefix address, String device) implements FallbackUse {}

    /** An {@code external} device (ip-link(8)), whose routes do not always name the remote. */
    record External(String device) implements FallbackUse {}
}
