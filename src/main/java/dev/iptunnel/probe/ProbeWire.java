package dev.iptunnel.probe;

import java.net.InetAddress;
import java.util.Optional;

/** Sends the packets of probes. What is heard of them is told to {@link Probing}. */
public interface ProbeWire {
    /**
     * Sends one packet of a tunnel's probe; the first one begins the probe.
     *
     * @param sequence 0 for the first packet of the probe, then 1, 2
     * @param length of the inner IP packet in bytes
     * @return what is in the way; the packet may have been sent all the same
     */
    Optional<ProbeObstacle> send(String tunnel, ProbeSubject subject, int sequence, int length);

    /** The tunnel's probe is over, and nothing more is to be heard of it. */
    void end(String tunnel);

    /** The length of the shortest packet to an address, in bytes. */
    int shortest(InetAddress target);
}
