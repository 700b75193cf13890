package dev.iptunnel.netlink.route;

import static dev.iptunnel.netlink.message.MessageType.RTM_DELADDR;
import static dev.iptunnel.netlink.message.MessageType.RTM_GETADDR;
import static dev.iptunnel.netlink.message.MessageType.RTM_NEWADDR;
import static dev.iptunnel.netlink.message.NetlinkMessage.NLM_F_ACK;
import static dev.iptunnel.netlink.message.NetlinkMessage.NLM_F_CREATE;
import static dev.iptunnel.netlink.message.NetlinkMessage.NLM_F_DUMP;
import static dev.iptunnel.netlink.message.NetlinkMessage.NLM_F_EXCL;

import dev.iptunnel.netlink.message.AddressFamily;
import dev.iptunnel.netlink.message.MessageBuilder;
import dev.iptunnel.netlink.message.MessageType;
import java.net.InetAddress;
import java.util.Optional;
import java.util.OptionalInt;

/** Requests about addresses, as iproute2 makes them. */
public final class AddressRequests {
    private static final int AF_UNSPEC = 0;

    private AddressRequests() {}

    /**
     * {@code RTM_GETADDR}: a list.
     *
     * @param ifindex 0 for all interfaces
     */
    public static MessageBuilder dump(int ifindex) {
        return request(RTM_GETADDR, NLM_F_DUMP, AF_UNSPEC, 0, ifindex);
    }

    public static MessageBuilder add(
            int ifindex, InetAddress address, Optional<InetAddress> peer, int prefixLength, OptionalInt protocol) {
        MessageBuilder request =
                one(RTM_NEWADDR, NLM_F_ACK | NLM_F_CREATE | NLM_F_EXCL, ifindex, address, peer, prefixLength);
        protocol.ifPresent(number -> request.attributeU8(Address.IFA_PROTO, number));
        return request;
    }

    public static MessageBuilder delete(
            int ifindex, InetAddress address, Optional<InetAddress> peer, int prefixLength) {
        return one(RTM_DELADDR, NLM_F_ACK, ifindex, address, peer, prefixLength);
    }

    private static MessageBuilder one(
            MessageType type,
            int flags,
            int ifindex,
            InetAddress address,
            Optional<InetAddress> peer,
            int prefixLength) {
        return request(type, flags, AddressFamily.of(address).number, prefixLength, ifindex)
                .attribute(Address.IFA_LOCAL, address)
                .attribute(Address.IFA_ADDRESS, peer.orElse(address));
    }

    private static MessageBuilder request(MessageType type, int flags, int family, int prefixLength, int ifindex) {
        return new MessageBuilder(type, flags)
                .u8(family)
                .u8(prefixLength)
                .u8(0)
                .u8(0)
                .u32(ifindex);
    }
}
