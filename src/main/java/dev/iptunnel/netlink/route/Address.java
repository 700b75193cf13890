package dev.iptunnel.netlink.route;

import dev.iptunnel.netlink.message.AddressFamily;
import dev.iptunnel.netlink.message.Attribute;
import dev.iptunnel.netlink.message.AttributeReader;
import dev.iptunnel.netlink.message.NetlinkException;
import dev.iptunnel.netlink.message.NetlinkMessage;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * An address on an interface, RTM_NEWADDR of rtnetlink(7). Life times, which count down, are left out.
 *
 * @param address the local one: IFA_LOCAL, or IFA_ADDRESS where that is missing
 * @param peer the far end where there is one, to which {@code prefixLength} applies then
 * @param scope {@code RT_SCOPE_*}: 0 universe, 253 link, 254 host
 * @param flags IFA_FLAGS, {@code IFA_F_*} of {@code linux/if_addr.h}
 * @param label of IPv4
 * @param protocol IFA_PROTO, which program added it; kernels before 5.18 do not keep it
 * @param metric IFA_RT_PRIORITY of the route to the address's subnet; absent where it is the kernel's default
 * @param expires whether IFA_CACHEINFO gives it a life time: the kernel removes it, or avoids it as a source, at its end
 */
public record Address(
        int ifindex,
        InetAddress address,
        Optional<InetAddress> peer,
        int prefixLength,
        int scope,
        int flags,
        Optional<String> label,
        OptionalInt protocol,
        OptionalInt metric,
        boolean expires,
        List<Attribute> unknown) {
    /** family 0, prefixlen 1, flags 2, scope 3, index 4. */
    static final int IFADDRMSG = 8;

    static final int IFA_ADDRESS = 1;
    public static final int IFA_LOCAL = 2;
    private static final int IFA_LABEL = 3;
    private static final int IFA_BROADCAST = 4;
    private static final int IFA_CACHEINFO = 6;
    private static final int IFA_FLAGS = 8;
    private static final int IFA_RT_PRIORITY = 9;
    static final int IFA_PROTO = 11;

    /** {@code INFINITY_LIFE_TIME} of {@code net/addrconf.h}, in seconds. */
    private static final int FOREVER = 0xffff_ffff;

    private static final int IFA_F_SECONDARY = 0x01;
    private static final int IFA_F_DADFAILED = 0x08;
    private static final int IFA_F_DEPRECATED = 0x20;
    private static final int IFA_F_TENTATIVE = 0x40;
    private static final int IFA_F_NOPREFIXROUTE = 0x200;

    public Address {
        unknown = List.copyOf(unknown);
    }

    public static Address decode(NetlinkMessage message) {
        ByteBuffer fixed = message.fixed(IFADDRMSG);
        Optional<InetAddress> local = Optional.empty();
        Optional<InetAddress> address = Optional.empty();
        Optional<String> label = Optional.empty();
        OptionalInt protocol = OptionalInt.empty();
        OptionalInt metric = OptionalInt.empty();
        boolean expires = false;
        int flags = Byte.toUnsignedInt(fixed.get(2));
        List<Attribute> unknown = new ArrayList<>();
        AddressFamily family = AddressFamily.of(message);
        AttributeReader reader = message.attributes(IFADDRMSG);
        while (reader.next()) {
            switch (reader.type()) {
                case IFA_ADDRESS -> address = Optional.of(family.require(reader.address()));
                case IFA_LOCAL -> local = Optional.of(family.require(reader.address()));
                case IFA_LABEL -> label = Optional.of(reader.string());
                case IFA_FLAGS -> flags = reader.u32();
                case IFA_PROTO -> protocol = OptionalInt.of(reader.u8());
                case IFA_RT_PRIORITY -> metric = OptionalInt.of(reader.u32());
                case IFA_CACHEINFO -> expires = expires(reader.payload());
                case IFA_BROADCAST -> {}
                default -> unknown.add(reader.copy());
            }
        }
        InetAddress own = (local.isPresent() ? local : address)
                .orElseThrow(() -> NetlinkException.malformed("address message without an address"));
        return new Address(
                fixed.getInt(4),
                own,
                address.filter(far -> !far.equals(own)),
                family.prefixLength(Byte.toUnsignedInt(fixed.get(1))),
                Byte.toUnsignedInt(fixed.get(3)),
                flags,
                label,
                protocol,
                metric,
                expires,
                unknown);
    }

    /** {@code struct ifa_cacheinfo}: the preferred life time, the valid one, and when it was made and changed. */
    private static boolean expires(ByteBuffer cacheInfo) {
        return cacheInfo.remaining() >= 2 * Integer.BYTES
                && (cacheInfo.getInt(0) != FOREVER || cacheInfo.getInt(Integer.BYTES) != FOREVER);
    }

    /** Whether duplicate address detection (RFC 4862) still goes on. */
    public boolean tentative() {
        return (flags & IFA_F_TENTATIVE) != 0;
    }

    public boolean dadFailed() {
        return (flags & IFA_F_DADFAILED) != 0;
    }

    /**
     * IPv4: the kernel may delete it together with the primary address of its subnet. IPv6 uses the same bit,
     * IFA_F_TEMPORARY, for a privacy address (RFC 8981).
     */
    public boolean secondary() {
        return (flags & IFA_F_SECONDARY) != 0;
    }

    /** Whether the kernel makes no route to its network. */
    public boolean noPrefixRoute() {
        return (flags & IFA_F_NOPREFIXROUTE) != 0;
    }

    /** Whether its preferred life time has ended, so that it is no source for new connections. */
    public boolean deprecated() {
        return (flags & IFA_F_DEPRECATED) != 0;
    }
}
