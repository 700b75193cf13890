package dev.iptunnel.kernel;

import static dev.iptunnel.kernel.TunnelNode.tunnel;
import static org.assertj.core.api.Assertions.assertThat;

import dev.iptunnel.tunnel.DesiredTunnelBuilder;
import dev.iptunnel.tunnel.TunnelMode;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** An agent that is killed while it makes a tunnel: the next one goes on with what it finds. */
@Tag("kernel")
class HalfBornKernelTest {
    @RegisterExtension
    final TunnelNode node = new TunnelNode();

    @ParameterizedTest
    @CsvSource({
        "IPIP,false",
        "SIT,false",
        "IP6IP6,false",
        "IPIP6,false",
        "IPIP,true",
        "SIT,true",
        "IP6IP6,true",
        "IPIP6,true",
    })
    void a_tunnel_that_was_made_and_not_marked_is_finished(TunnelMode mode, boolean adopts) {
        assertThat(TunnelProcess.run(List.of(), mode, 1)).contains("halted after AddTunnel");
        assertThat(Iproute2.alias("tun")).isEmpty();
        int ifindex = Iproute2.ifindex("tun");
        DesiredTunnelBuilder desired = adopts ? tunnel("tun", mode).adoptIfIdentical() : tunnel("tun", mode);

        node.program(desired);

        assertThat(Iproute2.ifindex("tun")).isEqualTo(ifindex);
        assertThat(Iproute2.alias("tun")).isEqualTo(desired.build().mark().toString());
        assertThat(Iproute2.addresses("tun")).hasSize(1);
        assertThat(Iproute2.link("tun").get("flags").toString()).contains("\"UP\"");
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 3})
    void one_that_was_marked_is_finished_wherever_the_agent_ended(int operations) {
        assertThat(TunnelProcess.run(List.of(), TunnelMode.IPIP, operations)).contains("halted after");
        int ifindex = Iproute2.ifindex("tun");

        node.program(tunnel("tun", TunnelMode.IPIP));

        assertThat(Iproute2.ifindex("tun")).isEqualTo(ifindex);
        assertThat(Iproute2.addresses("tun")).containsExactly("10.9.0.1/30");
    }
}
