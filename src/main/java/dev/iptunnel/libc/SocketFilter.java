package dev.iptunnel.libc;

import java.net.Inet4Address;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Drops datagrams in the kernel, before they cost a wake-up: for SO_ATTACH_FILTER, see socket(7).
 *
 * <p>The program of {@link #routes}, in the notation of bpf_asm of the kernel's sources. {@code pass} keeps the
 * datagram, {@code drop} does not.
 *
 * <pre>{@code
 *        ldb  [21]                 A = rtm_protocol
 *        jeq  #173, pass           once for each protocol
 *        ldb  [7]                  A = high byte of nlmsg_flags, on a little-endian machine
 *        jset #0x1, pass           NLM_F_REPLACE
 *        ldb  [17]                 A = rtm_dst_len
 *        jle  #7, pass             a default route, or a part of one
 *
 *        A = offset of RTA_OIF     left out where there are no interfaces
 *        jeq  #0, next
 *        tax
 *        ld   [x + 4]              A = the outgoing interface
 *        jeq  #ifindex, pass       once for each interface
 * next:
 *        M[0] = 32 - min(rtm_dst_len, 32)    the bits of the first word that are not in the prefix
 *        A = offset of RTA_DST
 *        jeq  #0, pass
 *        M[1] = first word of RTA_DST
 *        ldx  M[0]
 *        ldb  [16]                 A = rtm_family
 *        jne  #2, ip6              AF_INET
 * ip4:                             and the same at ip6, with the IPv6 networks
 *        ld   M[1]                 once for each network, a destination being one of a single address:
 *        xor  #network
 *        rsh  #(32 - length)       left out, with what belongs to it, where the length is 32
 *        jeq  #0, pass             the route leads to a part of the network
 *        ld   M[1]
 *        xor  #network
 *        rsh  x
 *        jeq  #0, pass             the route leads to all of the network
 *        drop
 * }</pre>
 */
public final class SocketFilter {
    /** The high byte of {@code nlmsg_flags} of {@code struct nlmsghdr}, which is in host order. */
    private static final int NLMSG_FLAGS_HIGH = isLittleEndian() ? 7 : 6;

    private static final int NLM_F_REPLACE_HIGH = 0x1;

    /** Of {@code struct rtmsg}, behind the 16 bytes of {@code struct nlmsghdr}. */
    private static final int RTM_FAMILY = 16;

    private static final int RTM_DST_LEN = 17;
    private static final int RTM_PROTOCOL = 21;
    private static final int RTM_ATTRIBUTES = 28;
    private static final int RTA_DST = 1;
    private static final int RTA_OIF = 4;
    private static final int RTA_HEADER = 4;

    /** The longest prefix of a route that counts as a default route. */
    private static final int LONGEST_DEFAULT = 7;

    /** The prefix length of half the addresses. */
    private static final int HALF = 1;

    private static final int WORD = 32;
    private static final int IPV6_BYTES = 16;

    /** A memory cell of the program: the bits of the first word that are not in the route's prefix. */
    private static final int HOST_BITS = 0;

    /** A memory cell of the program: the first word of the route's destination. */
    private static final int DESTINATION = 1;

    private static final int MOST_INSTRUCTIONS = 4096;

    /** Before Linux 6.8, net.core.optmem_max (20 KiB) limits a program to about so many instructions. */
    private static final int MOST_OF_OLD_KERNELS = 2000;

    /** As many bits of networks are compared, from the most exact program to the shortest. */
    private static final List<Integer> EXACTNESS = List.of(WORD, 24, 16, 8);

    /** Drops nothing. */
    static final SocketFilter EVERYTHING = new SocketFilter(new BpfProgram().pass(), Optional.empty());

    private final BpfProgram program;
    /** Empty where every route is kept. */
    private final Optional<Kept> kept;

    private SocketFilter(BpfProgram program, Optional<Kept> kept) {
        this.program = program;
        this.kept = kept;
    }

    /** What is compared with routes. */
    private record Kept(Set<Integer> interfaces, Beginnings beginnings) {}

    /**
     * Addresses that begin alike.
     *
     * @param length of the prefix, in bits
     */
    public record Network(InetAddress address, int length) {
        static Network host(InetAddress address) {
            return new Network(address, Byte.SIZE * address.getAddress().length);
        }
    }

    /**
     * Keeps the messages of routes that have one of the protocols ({@code RTPROT_*}), replace another route, have a
     * prefix of at most seven bits, as default routes and parts of one do, lead out of one of the interfaces, have one of the destinations in their prefix,
     * or share addresses with one of the networks.
     *
     * <p>It may keep more than that. Only the first 32 bits of IPv6 addresses are compared, and fewer bits where there
     * are too many destinations and networks for one program. Where even few bits are too many, every message is kept.
     *
     * @param interfaces by their ifindex; a route with several next hops is not found by them
     */
    public static SocketFilter routes(
            Collection<Integer> protocols,
            Collection<InetAddress> destinations,
            Collection<Integer> interfaces,
            Collection<Network> networks) {
        List<Network> all = all(destinations, networks);
        return EXACTNESS.stream()
                .map(bits -> routes(protocols, interfaces, Beginnings.of(all, bits)))
                .filter(filter -> filter.length() <= MOST_OF_OLD_KERNELS)
                .findFirst()
                .or(() -> Optional.of(routes(protocols, interfaces, Beginnings.of(all, EXACTNESS.getLast())))
                        .filter(filter -> filter.length() <= MOST_INSTRUCTIONS))
                .orElse(EVERYTHING);
    }

    private static SocketFilter routes(
            Collection<Integer> protocols, Collection<Integer> interfaces, Beginnings beginnings) {
        BpfProgram program = new BpfProgram().loadByte(RTM_PROTOCOL);
        protocols.forEach(program::passIfEqual);
        program.loadByte(NLMSG_FLAGS_HIGH).passIfAnyBitOf(NLM_F_REPLACE_HIGH);
        program.loadByte(RTM_DST_LEN).passIfAtMost(LONGEST_DEFAULT);
        if (!interfaces.isEmpty()) {
            program.findAttribute(RTA_OIF, RTM_ATTRIBUTES).unlessEqual(0, passIfOneOf(interfaces));
        }
        program.loadByte(RTM_DST_LEN).limitTo(WORD).subtractFrom(WORD).store(HOST_BITS);
        program.findAttribute(RTA_DST, RTM_ATTRIBUTES).passIfEqual(0);
        program.loadWordBehindA(RTA_HEADER).store(DESTINATION).loadX(HOST_BITS);
        program.loadByte(RTM_FAMILY)
                .ifEqual(Libc.AF_INET, passIfOverlaps(beginnings.ip4()))
                .append(passIfOverlaps(beginnings.ip6()));
        return new SocketFilter(program, Optional.of(new Kept(Set.copyOf(interfaces), beginnings)));
    }

    /** A is where RTA_OIF is. */
    private static BpfProgram passIfOneOf(Collection<Integer> interfaces) {
        BpfProgram program = new BpfProgram().loadWordBehindA(RTA_HEADER);
        // A word is loaded as if it were big endian, and an ifindex is in host order.
        interfaces.forEach(index -> program.passIfEqual(isLittleEndian() ? Integer.reverseBytes(index) : index));
        return program;
    }

    private static BpfProgram passIfOverlaps(Collection<Beginning> networks) {
        BpfProgram program = new BpfProgram();
        networks.forEach(network -> passIfOverlaps(network, program));
        return program.drop();
    }

    private static void passIfOverlaps(Beginning network, BpfProgram program) {
        if (network.length() < WORD) {
            program.load(DESTINATION)
                    .xor(network.word())
                    .shiftRight(WORD - network.length())
                    .passIfEqual(0);
        }
        program.load(DESTINATION).xor(network.word()).shiftRightByX().passIfEqual(0);
    }

    private static List<Network> all(Collection<InetAddress> destinations, Collection<Network> networks) {
        return Stream.concat(destinations.stream().map(Network::host), networks.stream())
                .toList();
    }

    /**
     * Whether it keeps the routes of all of these as it is. Its protocols are taken as they are.
     *
     * @see #routes
     */
    public boolean keeps(
            Collection<InetAddress> destinations, Collection<Integer> interfaces, Collection<Network> networks) {
        return kept.isEmpty()
                || (kept.get().interfaces().containsAll(interfaces)
                        && all(destinations, networks).stream()
                                .allMatch(kept.get().beginnings()::has));
    }

    /**
     * The first bits of networks, by family.
     *
     * @param bits that are compared, at most
     */
    private record Beginnings(int bits, Set<Beginning> ip4, Set<Beginning> ip6) {
        static Beginnings of(Collection<Network> networks, int bits) {
            return new Beginnings(bits, of(networks, Integer.BYTES, bits), of(networks, IPV6_BYTES, bits));
        }

        private static Set<Beginning> of(Collection<Network> networks, int size, int bits) {
            return networks.stream()
                    .filter(network -> network.address().getAddress().length == size)
                    .map(network -> Beginning.of(network, bits))
                    // Every route as short passes anyway, and nothing asks for the routes in such a network.
                    .filter(network -> network.length() > HALF)
                    .collect(Collectors.toCollection(LinkedHashSet::new));
        }

        boolean has(Network network) {
            return network.length() <= HALF
                    || (network.address() instanceof Inet4Address ? ip4 : ip6).contains(Beginning.of(network, bits));
        }
    }

    /** The first bits of a network. */
    private record Beginning(int word, int length) {
        static Beginning of(Network network, int bits) {
            int length = Math.min(network.length(), bits);
            int word = ByteBuffer.wrap(network.address().getAddress()).getInt();
            return new Beginning(length == 0 ? 0 : word >>> (WORD - length) << (WORD - length), length);
        }
    }

    private static boolean isLittleEndian() {
        return ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN;
    }

    int length() {
        return program.length();
    }

    ByteBuffer encode() {
        return program.encode();
    }
}
