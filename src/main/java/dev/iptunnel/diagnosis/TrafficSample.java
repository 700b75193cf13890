package dev.iptunnel.diagnosis;

/**
 * Counters at one time, or their growth between two times.
 *
 * @param received without multicast of IPv6: a peer sends router solicitations also if it gets nothing
 * @param collisions the drivers count here what is routed back into the tunnel itself
 * @param noRoute {@code tx_carrier_errors}: the drivers count here what has no route to the remote
 * @param parentReceived of the interface by which the outer packets leave; 0 if there is none
 * @param reversePathDrops packets that {@code rp_filter} dropped on the whole node
 * @param notForwarded packets that the node did not forward, since they are not for it: of IPv4 on the whole node, of IPv6 on
 *     the tunnel
 * @param unreachables ICMP messages "destination unreachable" of the outer family that the whole node received
 * @param ipv6Sent packets of IPv6 that the node itself sent into the tunnel, such as router solicitations
 * @param undelivered packets of the outer family that the whole node received and then neither delivered nor forwarded nor
 *     counted as wrong: a packet filter dropped them
 */
public record TrafficSample(
        long transmitted,
        long received,
        long transmitErrors,
        long transmitDropped,
        long noRoute,
        long collisions,
        long receiveErrors,
        long receiveDropped,
        long parentReceived,
        long reversePathDrops,
        long notForwarded,
        long unreachables,
        long ipv6Sent,
        long undelivered) {
    /** The growth since the other sample. */
    public TrafficSample since(TrafficSample before) {
        return new TrafficSample(
                transmitted - before.transmitted,
                received - before.received,
                transmitErrors - before.transmitErrors,
                transmitDropped - before.transmitDropped,
                noRoute - before.noRoute,
                collisions - before.collisions,
                receiveErrors - before.receiveErrors,
                receiveDropped - before.receiveDropped,
                parentReceived - before.parentReceived,
                reversePathDrops - before.reversePathDrops,
                notForwarded - before.notForwarded,
                unreachables - before.unreachables,
                ipv6Sent - before.ipv6Sent,
                undelivered - before.undelivered);
    }
}
