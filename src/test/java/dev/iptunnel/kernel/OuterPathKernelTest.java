package dev.iptunnel.kernel;

import static dev.iptunnel.kernel.TunnelNode.tunnel;
import static org.assertj.core.api.Assertions.assertThat;

import dev.iptunnel.tunnel.IpFamily;
import dev.iptunnel.tunnel.TunnelMode;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Where the outer packets leave the node, which their MTU depends on. */
@Tag("kernel")
@Tag("differential")
class OuterPathKernelTest {
    @RegisterExtension
    final TunnelNode node = new TunnelNode();

    private String rule = "";

    @AfterEach
    void removeRule() {
        Iproute2.run(rule.replace("rule add", "rule delete"));
    }

    @ParameterizedTest
    @EnumSource
    void a_rule_for_the_local_address_counts_as_it_does_for_the_kernel(TunnelMode mode) {
        // given
        boolean ipv4 = mode.outer() == IpFamily.IPV4;
        String ip = ipv4 ? "ip " : "ip -6 ";
        String remote = ipv4 ? "192.0.2.2" : "2001:db8::2";
        rule = ip + "rule add from " + (ipv4 ? "192.0.2.1" : "2001:db8::1") + " lookup 1000";
        Iproute2.run("ip link set dev under1 mtu 1400");
        Iproute2.run(ip + "route add " + remote + " dev under1 table 1000");
        Iproute2.run(rule);
        Iproute2.run(ip + "tunnel add twin mode " + mode + " local " + (ipv4 ? "192.0.2.1" : "2001:db8::1") + " remote "
                + remote + (ipv4 ? "" : " encaplimit none"));
        int mtu = Iproute2.link("twin").get("mtu").asInt();
        Iproute2.run("ip link delete dev twin");

        // when
        node.program(tunnel("tun", mode).parent(Optional.empty()));

        // then
        assertThat(Iproute2.link("tun").get("mtu").asInt()).isEqualTo(mtu).isLessThan(1400);
    }
}
