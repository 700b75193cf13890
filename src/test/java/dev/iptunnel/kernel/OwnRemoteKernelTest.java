package dev.iptunnel.kernel;

import static dev.iptunnel.kernel.TunnelNode.tunnel;
import static org.assertj.core.api.Assertions.assertThat;

import dev.iptunnel.readiness.Readiness;
import dev.iptunnel.tunnel.DesiredTunnel;
import dev.iptunnel.tunnel.DesiredTunnelBuilder;
import dev.iptunnel.tunnel.IpFamily;
import dev.iptunnel.tunnel.TunnelMode;
import java.util.Optional;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The remote is an address of the node itself: the manifest of the other end, applied to the wrong node. */
@Tag("kernel")
class OwnRemoteKernelTest {
    @RegisterExtension
    final TunnelNode node = new TunnelNode();

    @ParameterizedTest
    @EnumSource
    void is_told_because_no_packet_leaves_the_node(TunnelMode mode) throws InterruptedException {
        boolean ip4 = mode.outer() == IpFamily.IPV4;
        Iproute2.batch("address add " + (ip4 ? "192.0.2.2/32" : "2001:db8::2/128 nodad") + " dev under1");
        DesiredTunnelBuilder tunnel = tunnel("tun", mode).parent(Optional.empty());
        node.program(tunnel);
        DesiredTunnel desired = tunnel.build();

        assertThat(Readiness.remark(desired, node.observeSettled(desired)))
                .hasValueSatisfying(remark -> assertThat(remark)
                        .contains("the node itself has the address " + (ip4 ? "192.0.2.2" : "2001:db8::2")));
    }
}
