package dev.iptunnel.libc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.iptunnel.netlink.link.Encapsulation;
import dev.iptunnel.netlink.link.Ip4TunnelAttributes;
import dev.iptunnel.netlink.link.Ip6TunnelAttributes;
import dev.iptunnel.netlink.link.TunnelAttributes;
import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/**
 * The bytes were printed by a C program, gcc 12 with Debian's linux-libc-dev 6.1 on x86_64, that filled in the structs of
 * linux/if_tunnel.h, linux/ip6_tunnel.h and linux/if.h with the values below (inet_pton, htons and htonl for what is big
 * endian there, SIT_ISATAP as it is); {@code sizeof} is their length.
 */
class StructTest {
    private static final Encapsulation PLAIN = new Encapsulation(Encapsulation.NONE, 0, 0, 0);

    private static final TunnelAttributes IP4 = new Ip4TunnelAttributes(
            (Inet4Address) InetAddress.ofLiteral("192.0.2.1"),
            (Inet4Address) InetAddress.ofLiteral("198.51.100.2"),
            0x01020304,
            64,
            0x10,
            true,
            41,
            0x0001,
            0,
            PLAIN,
            false,
            Optional.empty(),
            List.of());
    private static final String IP4_BYTES = "74756e2d6578616d706c652d303135000403020101000000"
            + "0000000000000000451000000000400040290000c0000201c6336402";

    private static final TunnelAttributes IP6 = new Ip6TunnelAttributes(
            (Inet6Address) InetAddress.ofLiteral("2001:db8::1"),
            (Inet6Address) InetAddress.ofLiteral("2001:db8::2"),
            7,
            62,
            3,
            0x20 << 20 | 0x12345,
            0x7,
            4,
            0,
            PLAIN,
            false,
            List.of());
    private static final String IP6_BYTES = "743600000000000000000000000000000700000004033e0002012345"
            + "0700000020010db800000000000000000000000120010db8000000000000000000000002"
            + "000000000000000000000000";

    private static final Ifreq IFREQ = new Ifreq("tunl0", 0x1122334455667788L);
    private static final String IFREQ_BYTES =
            "74756e6c300000000000000000000000887766554433221100000000000000000000000000000000";

    @Test
    void ip_tunnel_parm_is_laid_out_as_in_c() {
        ByteBuffer buffer = dirty(TunnelStruct.SIZE);

        TunnelStruct.encode("tun-example-015", IP4, buffer);

        assertThat(hex(buffer)).startsWith(IP4_BYTES).matches("[0-9a-f]{104}0*");
    }

    @Test
    void ip6_tnl_parm2_is_laid_out_as_in_c() {
        ByteBuffer buffer = dirty(TunnelStruct.SIZE);

        TunnelStruct.encode("t6", IP6, buffer);

        assertThat(hex(buffer)).isEqualTo(IP6_BYTES);
    }

    @Test
    void ifreq_is_laid_out_as_in_c() {
        ByteBuffer buffer = dirty(Ifreq.SIZE);
        IFREQ.encode(buffer);

        assertThat(Ifreq.SIZE).isEqualTo(IFREQ_BYTES.length() / 2);
        assertThat(hex(buffer)).isEqualTo(IFREQ_BYTES);
    }

    @Test
    void a_name_of_sixteen_bytes_is_refused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Ifreq("sixteen-bytes-16", 0).encode(dirty(Ifreq.SIZE)));
    }

    private static ByteBuffer dirty(int size) {
        ByteBuffer buffer = ByteBuffer.allocate(size).order(ByteOrder.nativeOrder());
        while (buffer.hasRemaining()) {
            buffer.put((byte) 0xaa);
        }
        return buffer;
    }

    private static String hex(ByteBuffer buffer) {
        byte[] bytes = new byte[buffer.capacity()];
        buffer.get(0, bytes);
        return HexFormat.of().formatHex(bytes);
    }
}
