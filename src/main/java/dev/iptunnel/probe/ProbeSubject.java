package dev.iptunnel.probe;

import dev.iptunnel.tunnel.DesiredTunnel;
import dev.iptunnel.tunnel.IpFamily;
import dev.iptunnel.tunnel.ProbeSettings;
import java.net.InetAddress;
import java.util.Optional;

/**
 * A tunnel that is probed.
 *
 * @param uid of the object
 * @param mtu of the interface, in bytes
 * @param remote the outer destination; unspecified = any
 * @param source the inner address that asks
 * @param target the inner address that is asked
 */
public record ProbeSubject(
        String uid,
        String interfaceName,
        int ifindex,
        int mtu,
        InetAddress remote,
        InetAddress source,
        InetAddress target,
        ProbeSettings settings) {
    /** RFC 8899's smallest MTU to search from: a host accepts IPv4 packets of 576 bytes, and a link IPv6 packets of 1280. */
    private static final int IPV4_BASE = 576;

    private static final int IPV6_BASE = 1280;

    /**
     * A tunnel whose spec asks for a probe; empty if it does not, or no target is known.
     *
     * @param ifindex of its interface
     * @param mtu of its interface, in bytes
     */
    public static Optional<ProbeSubject> of(DesiredTunnel desired, int ifindex, int mtu) {
        return desired.probe().flatMap(settings -> ProbeTarget.of(desired)
                .map(asked -> new ProbeSubject(
                        desired.mark().uid(),
                        desired.interfaceName(),
                        ifindex,
                        mtu,
                        desired.remote(),
                        asked.source(),
                        asked.target(),
                        settings)));
    }

    /** A search for the path's MTU ends here, in bytes. */
    int baseMtu() {
        return IpFamily.of(target) == IpFamily.IPV4 ? IPV4_BASE : IPV6_BASE;
    }

    /** Whether an answer to that one says something about this one. */
    boolean asksTheSameAs(ProbeSubject other) {
        return uid.equals(other.uid) && source.equals(other.source) && target.equals(other.target);
    }

    /** Whether that one's packets take the same way and may have the same length. */
    boolean takesTheWayOf(ProbeSubject other) {
        return mtu == other.mtu && ifindex == other.ifindex && remote.equals(other.remote);
    }
}
