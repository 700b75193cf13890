package dev.iptunnel.kernel;

import static dev.iptunnel.kernel.TunnelNode.tunnel;
import static org.assertj.core.api.Assertions.assertThat;

import dev.iptunnel.plan.Plan;
import dev.iptunnel.tunnel.TunnelMode;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A kernel whose command line has {@code fb_tunnels=none}: no network namespace has a fallback device. */
@Tag("no-fallback")
class NoFallbackKernelTest {
    @RegisterExtension
    final TunnelNode node = new TunnelNode();

    @ParameterizedTest
    @EnumSource(TunnelMode.class)
    void a_tunnel_is_made_and_changed_in_place_and_removed(TunnelMode mode) {
        assertThat(Iproute2.interfaceNames()).containsExactlyInAnyOrder("lo", "under0", "under1");

        node.program(tunnel("tun", mode));
        int made = Iproute2.ifindex("tun");
        node.program(tunnel("tun", mode).ttl(63));

        assertThat(Iproute2.ifindex("tun")).isEqualTo(made);
        assertThat(Iproute2.parameters("tun").get("ttl").asInt()).isEqualTo(63);
        assertThat(((Plan) node.plan(tunnel("tun", mode).ttl(63))).isEmpty()).isTrue();
        node.remove("tun");
        assertThat(Iproute2.exists("tun")).isFalse();
    }
}
