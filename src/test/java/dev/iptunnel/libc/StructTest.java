package dev.iptunnel.libc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;

/**
 * The bytes were printed by a C program, gcc 12 with Debian's linux-libc-dev 6.1 on x86_64, that filled in the structs of
 * linux/if_tunnel.h, linux/ip6_tunnel.h and linux/if.h with the values below (inet_pton, htons and htonl for what is big
 * endian there, SIT_ISATAP as it is); {@code sizeof} is their length.
 */
class StructTest {
    private static final IpTunnelParm IP = new IpTunnelParm(
            "tun-example-015",
            0x01020304,
            0x0001,
            0,
            0x05060708,
            0x090a0b0c,
            0x10,
            IpTunnelParm.IP_DF,
            64,
            41,
            (Inet4Address) InetAddress.ofLiteral("192.0.2.1"),
            (Inet4Address) InetAddress.ofLiteral("198.51.100.2"));
    private static final String IP_BYTES = "74756e2d6578616d706c652d303135000403020101000000"
            + "05060708090a0b0c451000000000400040290000c0000201c6336402";

    private static final Ip6TnlParm2 IP6 = new Ip6TnlParm2(
            "t6",
            7,
            4,
            3,
            62,
            0x20 << 20 | 0x12345,
            0x7,
            (Inet6Address) InetAddress.ofLiteral("2001:db8::1"),
            (Inet6Address) InetAddress.ofLiteral("2001:db8::2"),
            0x0102,
            0x0304,
            0x05060708,
            0x090a0b0c);
    private static final String IP6_BYTES = "743600000000000000000000000000000700000004033e0002012345"
            + "0700000020010db800000000000000000000000120010db8000000000000000000000002"
            + "0102030405060708090a0b0c";

    private static final Ifreq IFREQ = new Ifreq("tunl0", 0x1122334455667788L);
    private static final String IFREQ_BYTES =
            "74756e6c300000000000000000000000887766554433221100000000000000000000000000000000";

    @Test
    void ip_tunnel_parm_is_laid_out_as_in_c() {
        ByteBuffer buffer = dirty(IpTunnelParm.SIZE);
        IP.encode(buffer);

        assertThat(IpTunnelParm.SIZE).isEqualTo(IP_BYTES.length() / 2);
        assertThat(hex(buffer)).isEqualTo(IP_BYTES);
    }

    @Test
    void ip6_tnl_parm2_is_laid_out_as_in_c() {
        ByteBuffer buffer = dirty(Ip6TnlParm2.SIZE);
        IP6.encode(buffer);

        assertThat(Ip6TnlParm2.SIZE).isEqualTo(IP6_BYTES.length() / 2);
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
