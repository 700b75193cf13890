package dev.iptunnel.netlink.link;

import dev.iptunnel.netlink.message.AttributeReader;
import dev.iptunnel.netlink.message.NetlinkMessage;
import java.nio.ByteBuffer;
import java.util.Optional;

/**
 * The counters of a link since it was made, {@code struct rtnl_link_stats64} of {@code linux/if_link.h}. Every counter is
 * an unsigned 64-bit number: format it with {@link Long#toUnsignedString(long)}.
 *
 * @param index the ifindex of the link
 * @param name the name of the link when it was read
 * @param kind such as {@code ipip}; hardware has none
 */
public record LinkStatistics(
        int index, String name, Optional<String> kind, Counters received, Counters transmitted, long collisions) {
    private static final int IFLA_STATS64 = 23;
    /** rx_packets 0, tx_packets 1, rx_bytes 2, tx_bytes 3, rx_errors 4, tx_errors 5, rx_dropped 6, tx_dropped 7. */
    private static final int COLLISIONS = 9;

    private static final int RX_FRAME_ERRORS = 13;
    private static final int TX_CARRIER_ERRORS = 17;
    private static final int SMALLEST = (TX_CARRIER_ERRORS + 1) * Long.BYTES;

    /**
     * The counters of one direction.
     *
     * @param errors includes {@code lost}
     * @param dropped by the kernel, for lack of memory or of a receiver, and not because of an error
     * @param lost transmitted: {@code tx_carrier_errors}, which the tunnel drivers count where there is no route to the
     *     remote; received: {@code rx_frame_errors}, which they count for a wrong ECN mark
     */
    public record Counters(long packets, long bytes, long errors, long dropped, long lost) {}

    /** Empty if the message has no name or no counters, as where it is not about a whole link. */
    public static Optional<LinkStatistics> decode(NetlinkMessage message) {
        Optional<String> name = Optional.empty();
        Optional<String> kind = Optional.empty();
        Optional<ByteBuffer> counters = Optional.empty();
        AttributeReader reader = message.attributes(LinkDecoder.IFINFOMSG);
        while (reader.next()) {
            switch (reader.type()) {
                case LinkAttribute.IFLA_IFNAME -> name = Optional.of(reader.string());
                case LinkAttribute.IFLA_LINKINFO -> kind = kind(reader.nested());
                case IFLA_STATS64 -> counters = Optional.of(reader.payload()).filter(b -> b.limit() >= SMALLEST);
                default -> {} // the rest is the link itself, see Link
            }
        }
        if (name.isEmpty() || counters.isEmpty()) {
            return Optional.empty();
        }
        ByteBuffer all = counters.get();
        return Optional.of(new LinkStatistics(
                message.fixed(LinkDecoder.IFINFOMSG).getInt(4),
                name.get(),
                kind,
                direction(all, 0, RX_FRAME_ERRORS),
                direction(all, 1, TX_CARRIER_ERRORS),
                at(all, COLLISIONS)));
    }

    private static Optional<String> kind(AttributeReader info) {
        while (info.next()) {
            if (info.type() == LinkAttribute.IFLA_INFO_KIND) {
                return Optional.of(info.string());
            }
        }
        return Optional.empty();
    }

    /** Both directions of a counter are side by side, received first. */
    private static Counters direction(ByteBuffer all, int side, int lost) {
        return new Counters(at(all, side), at(all, 2 + side), at(all, 4 + side), at(all, 6 + side), at(all, lost));
    }

    private static long at(ByteBuffer all, int number) {
        return all.getLong(number * Long.BYTES);
    }
}
