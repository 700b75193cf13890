package dev.iptunnel.libc;

import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;

/**
 * A program that drops datagrams in the kernel, before they cost a wake-up: classic BPF of {@code linux/filter.h}, for
 * SO_ATTACH_FILTER, see socket(7).
 */
public final class SocketFilter {
    private static final int BPF_LD_IMM = 0x00;
    private static final int BPF_LDX_IMM = 0x01;
    private static final int BPF_ST = 0x02;
    private static final int BPF_JA = 0x05;
    private static final int BPF_RET_K = 0x06;
    private static final int BPF_TAX = 0x07;
    private static final int BPF_JEQ_K = 0x15;
    private static final int BPF_SUB_X = 0x1c;
    private static final int BPF_LD_W_ABS = 0x20;
    private static final int BPF_JGT_K = 0x25;
    private static final int BPF_LD_B_ABS = 0x30;
    private static final int BPF_LD_W_IND = 0x40;
    private static final int BPF_JSET_K = 0x45;
    private static final int BPF_LD_MEM = 0x60;
    private static final int BPF_LDX_MEM = 0x61;
    private static final int BPF_RSH_X = 0x7c;
    private static final int BPF_RSH_K = 0x74;
    private static final int BPF_XOR_K = 0xa4;

    private static final int WHOLE = -1;
    private static final int NOTHING = 0;
    /** SKF_AD_OFF + SKF_AD_NLATTR: where the attribute of type X is, searched for from A; 0 = nowhere. */
    private static final int ATTRIBUTE = -0x1000 + 12;

    /** The high byte of {@code nlmsg_flags} of {@code struct nlmsghdr}, which is in the host's order. */
    private static final int NLMSG_FLAGS_HIGH = ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN ? 7 : 6;

    private static final int NLM_F_REPLACE_HIGH = 0x1;

    /** Of {@code struct rtmsg}, behind the 16 bytes of {@code struct nlmsghdr}. */
    private static final int RTM_FAMILY = 16;

    private static final int RTM_DST_LEN = 17;
    private static final int RTM_PROTOCOL = 21;
    private static final int RTM_ATTRIBUTES = 28;
    private static final int RTA_DST = 1;
    private static final int RTA_OIF = 4;
    private static final int RTA_HEADER = 4;

    /** The prefix length of half the addresses. */
    private static final int HALF = 1;

    private static final int WORD = 32;
    private static final int IPV6_BYTES = 16;
    private static final int MOST_INSTRUCTIONS = 4096;

    /** The scratch memory of the program. */
    private static final int HOST_BITS = 0;

    private static final int DESTINATION = 1;

    /** {@code struct sock_filter}: code 0, jt 2, jf 3, k 4. */
    private static final int SOCK_FILTER = 8;

    /** Drops nothing. */
    static final SocketFilter EVERYTHING = new SocketFilter().add(BPF_RET_K, WHOLE);

    private final List<Instruction> program = new ArrayList<>();

    private SocketFilter() {}

    private record Instruction(int code, int ifTrue, int ifFalse, int k) {}

    /** Before Linux 6.8 no longer ones are taken (net.core.optmem_max is 20 KiB). */
    private static final int MOST_OF_OLD_KERNELS = 2000;

    /** How long the prefixes of networks may be, from the most exact program to the shortest. */
    private static final List<Integer> EXACTNESS = List.of(WORD, 24, 16, 8);

    /**
     * Addresses that begin alike.
     *
     * @param length of the prefix, in bits
     */
    public record Network(InetAddress address, int length) {}

    /**
     * Of the route messages those that may matter: of some {@code RTPROT_*}, such as replace another route, default routes
     * and halves of one, those out of one of the interfaces, those whose prefix holds one of the destinations, and those that
     * share addresses with one of the networks (of IPv6, as far as its first 32 bits tell; where there are more networks than
     * a program has room for, as far as less bits tell). Where there are more destinations than there is room for, every
     * message.
     *
     * @param interfaces by their ifindex; of a route of several ways none is found
     */
    public static SocketFilter routes(
            Collection<Integer> protocols,
            Collection<InetAddress> destinations,
            Collection<Integer> interfaces,
            Collection<Network> networks) {
        return EXACTNESS.stream()
                .map(most -> routes(protocols, destinations, interfaces, networks, most))
                .filter(filter -> filter.program.size() <= MOST_OF_OLD_KERNELS)
                .findFirst()
                .or(() -> Optional.of(routes(protocols, destinations, interfaces, networks, EXACTNESS.getLast()))
                        .filter(filter -> filter.program.size() <= MOST_INSTRUCTIONS))
                .orElse(EVERYTHING);
    }

    private static SocketFilter routes(
            Collection<Integer> protocols,
            Collection<InetAddress> destinations,
            Collection<Integer> interfaces,
            Collection<Network> networks,
            int most) {
        SocketFilter filter = new SocketFilter();
        filter.add(BPF_LD_B_ABS, RTM_PROTOCOL);
        protocols.forEach(protocol -> filter.passIf(BPF_JEQ_K, protocol));
        filter.add(BPF_LD_B_ABS, NLMSG_FLAGS_HIGH).passIf(BPF_JSET_K, NLM_F_REPLACE_HIGH);
        filter.add(BPF_LD_B_ABS, RTM_DST_LEN).add(BPF_JGT_K, 1, 0, HALF).add(BPF_RET_K, WHOLE);
        filter.passIfOutOf(interfaces);
        filter.loadHostBits().loadDestination();
        filter.add(BPF_LDX_MEM, HOST_BITS);
        List<Integer> ip4 = firstWords(destinations, Integer.BYTES);
        List<Integer> ip6 = firstWords(destinations, IPV6_BYTES);
        SocketFilter ofIp4 = new SocketFilter()
                .passIfIn(beginnings(networks, Integer.BYTES, most))
                .passIfPrefixOf(ip4);
        SocketFilter ofIp6 = new SocketFilter()
                .passIfIn(beginnings(networks, IPV6_BYTES, most))
                .passIfPrefixOf(ip6);
        filter.add(BPF_LD_B_ABS, RTM_FAMILY).add(BPF_JEQ_K, 1, 0, Libc.AF_INET).add(BPF_JA, ofIp4.program.size());
        filter.program.addAll(ofIp4.program);
        filter.program.addAll(ofIp6.program);
        return filter;
    }

    /** The first bits of a network. */
    private record Beginning(int word, int length) {
        static Beginning of(Network network, int most) {
            int length = Math.min(network.length(), most);
            int word = ByteBuffer.wrap(network.address().getAddress()).getInt();
            return new Beginning(length == 0 ? 0 : word >>> (WORD - length) << (WORD - length), length);
        }
    }

    private static List<Beginning> beginnings(Collection<Network> networks, int size, int most) {
        return networks.stream()
                .filter(network -> network.address().getAddress().length == size)
                .map(network -> Beginning.of(network, most))
                .distinct()
                .toList();
    }

    /** Also where the route's prefix is the shorter one. */
    private SocketFilter passIfIn(List<Beginning> networks) {
        for (Beginning network : networks) {
            if (network.length() <= HALF) {
                // Routes as short are told anyhow, and of what is in them nothing is asked.
                continue;
            }
            add(BPF_LD_MEM, DESTINATION).add(BPF_XOR_K, network.word());
            if (network.length() < WORD) {
                add(BPF_RSH_K, WORD - network.length());
            }
            passIf(BPF_JEQ_K, 0);
            add(BPF_LD_MEM, DESTINATION)
                    .add(BPF_XOR_K, network.word())
                    .add(BPF_RSH_X, 0)
                    .passIf(BPF_JEQ_K, 0);
        }
        return this;
    }

    private SocketFilter passIfOutOf(Collection<Integer> interfaces) {
        if (interfaces.isEmpty()) {
            return this;
        }
        SocketFilter compare = new SocketFilter().add(BPF_TAX, 0).add(BPF_LD_W_IND, RTA_HEADER);
        // A word is loaded as if it were big endian, and an ifindex is in the host's order.
        interfaces.forEach(index -> compare.passIf(
                BPF_JEQ_K, ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN ? Integer.reverseBytes(index) : index));
        add(BPF_LD_IMM, RTM_ATTRIBUTES).add(BPF_LDX_IMM, RTA_OIF).add(BPF_LD_W_ABS, ATTRIBUTE);
        add(BPF_JEQ_K, 0, 1, 0).add(BPF_JA, compare.program.size());
        program.addAll(compare.program);
        return this;
    }

    private static List<Integer> firstWords(Collection<InetAddress> addresses, int size) {
        return addresses.stream()
                .map(InetAddress::getAddress)
                .filter(bytes -> bytes.length == size)
                .map(bytes -> ByteBuffer.wrap(bytes).getInt())
                .distinct()
                .toList();
    }

    /** How many of the first 32 bits are behind the prefix. */
    private SocketFilter loadHostBits() {
        return add(BPF_LD_B_ABS, RTM_DST_LEN)
                .add(BPF_JGT_K, 0, 1, WORD)
                .add(BPF_LD_IMM, WORD)
                .add(BPF_TAX, 0)
                .add(BPF_LD_IMM, WORD)
                .add(BPF_SUB_X, 0)
                .add(BPF_ST, HOST_BITS);
    }

    private SocketFilter loadDestination() {
        return add(BPF_LD_IMM, RTM_ATTRIBUTES)
                .add(BPF_LDX_IMM, RTA_DST)
                .add(BPF_LD_W_ABS, ATTRIBUTE)
                .passIf(BPF_JEQ_K, 0)
                .add(BPF_TAX, 0)
                .add(BPF_LD_W_IND, RTA_HEADER)
                .add(BPF_ST, DESTINATION);
    }

    private SocketFilter passIfPrefixOf(List<Integer> words) {
        for (int word : words) {
            add(BPF_LD_MEM, DESTINATION).add(BPF_XOR_K, word).add(BPF_RSH_X, 0).passIf(BPF_JEQ_K, 0);
        }
        return add(BPF_RET_K, NOTHING);
    }

    private SocketFilter passIf(int jump, int k) {
        return add(jump, 0, 1, k).add(BPF_RET_K, WHOLE);
    }

    private SocketFilter add(int code, int k) {
        return add(code, 0, 0, k);
    }

    private SocketFilter add(int code, int ifTrue, int ifFalse, int k) {
        program.add(new Instruction(code, ifTrue, ifFalse, k));
        return this;
    }

    int length() {
        return program.size();
    }

    ByteBuffer encode() {
        ByteBuffer buffer = Libc.buffer(program.size() * SOCK_FILTER);
        for (Instruction instruction : program) {
            buffer.putShort((short) instruction.code)
                    .put((byte) instruction.ifTrue)
                    .put((byte) instruction.ifFalse)
                    .putInt(instruction.k);
        }
        return buffer;
    }
}
