package dev.iptunnel.netlink.link;

import static org.assertj.core.api.Assertions.assertThat;

import dev.iptunnel.netlink.link.LinkStatistics.Counters;
import dev.iptunnel.netlink.message.MessageBuilder;
import dev.iptunnel.netlink.message.MessageType;
import dev.iptunnel.netlink.message.NetlinkMessage;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.junit.jupiter.api.Test;

class LinkStatisticsTest {
    private static final int IFLA_STATS64 = 23;

    @Test
    void each_counter_is_that_of_its_place_in_the_struct_of_the_kernel() {
        LinkStatistics read = LinkStatistics.decode(message(25)).orElseThrow();

        assertThat(read.index()).isEqualTo(7);
        assertThat(read.name()).isEqualTo("tun");
        assertThat(read.kind()).hasValue("ipip");
        assertThat(read.received()).isEqualTo(new Counters(100, 102, 104, 106, 113));
        assertThat(read.transmitted()).isEqualTo(new Counters(101, 103, 105, 107, 117));
        assertThat(read.collisions()).isEqualTo(109);
    }

    @Test
    void a_message_with_fewer_counters_than_a_kernel_has_gives_none() {
        assertThat(LinkStatistics.decode(message(17))).isEmpty();
    }

    /** A link with so many counters, of which the first is 100, the second 101 and so on. */
    private static NetlinkMessage message(int counters) {
        ByteBuffer all = ByteBuffer.allocate(counters * Long.BYTES).order(ByteOrder.nativeOrder());
        for (int i = 0; i < counters; i++) {
            all.putLong(100 + i);
        }
        return NetlinkMessage.split(new MessageBuilder(MessageType.RTM_NEWLINK, 0)
                        .u32(0)
                        .u32(7)
                        .u32(0)
                        .u32(0)
                        .attribute(LinkAttribute.IFLA_IFNAME, "tun")
                        .attribute(IFLA_STATS64, all.array())
                        .nested(
                                LinkAttribute.IFLA_LINKINFO,
                                info -> info.attribute(LinkAttribute.IFLA_INFO_KIND, "ipip"))
                        .build(1))
                .getFirst();
    }
}
