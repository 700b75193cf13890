package dev.iptunnel.kernel;

import static dev.iptunnel.kernel.TunnelNode.tunnel;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.iptunnel.observation.ObservedLink;
import dev.iptunnel.plan.Reason;
import dev.iptunnel.planner.Planner;
import dev.iptunnel.tunnel.DeletionPolicy;
import dev.iptunnel.tunnel.Mark;
import dev.iptunnel.tunnel.TunnelMode;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Cases 1, 2, 3 and 7 of ownership: devices of others keep ifindex, flags, addresses, alias, whatever is asked for. */
@Tag("kernel")
class ForeignDevicesKernelTest {
    @RegisterExtension
    final TunnelNode node = new TunnelNode();

    @ParameterizedTest
    @CsvSource({
        "type dummy, UNKNOWN",
        "type bond, DOWN",
        "link under1 type vlan id 5, UP",
        "link under1 type macvlan, UP",
        "type gre local 192.0.2.1 remote 192.0.2.2 dev under0 ttl 64, UNKNOWN",
        "type veth peer name veth-far, LOWERLAYERDOWN",
    })
    void a_device_that_is_no_tunnel_is_never_touched(String device, String settled) {
        Iproute2.batch("link add tun " + device, "link set tun alias somebodys up", "address add 10.7.7.7/24 dev tun");
        Iproute2.awaitOperState("tun", settled);
        String before = Iproute2.device("tun");

        for (TunnelMode mode : TunnelMode.values()) {
            assertThat(node.refusal(tunnel("tun", mode).adoptIfIdentical()).reason())
                    .isEqualTo(Reason.INTERFACE_NAME_CONFLICT);
        }

        assertThat(Iproute2.device("tun")).isEqualTo(before);
        Iproute2.run("ip link delete dev tun");
    }

    @ParameterizedTest
    @CsvSource({"IPIP,tunl0", "SIT,sit0", "IP6IP6,ip6tnl0", "IPIP6,ip6tnl0"})
    void a_fallback_device_is_never_touched_even_with_our_mark(TunnelMode mode, String fallback) {
        Mark forged = tunnel("tun", mode).build().mark();
        Iproute2.batch("link set " + fallback + " name tun", "link set tun up");
        Iproute2.run(List.of("ip", "link", "set", "tun", "alias", forged.toString()));
        try {
            String before = Iproute2.device("tun");

            assertThat(node.refusal(tunnel("tun", mode).adoptIfIdentical()).message())
                    .contains("fallback device");

            assertThat(node.kernel.marked()).isEmpty();
            ObservedLink link =
                    node.kernel.observe(tunnel("tun", mode).build()).named().orElseThrow();
            assertThatThrownBy(() -> node.kernel.execute(Planner.remove(link))).isInstanceOf(KernelException.class);
            assertThat(Iproute2.device("tun")).isEqualTo(before);
        } finally {
            Iproute2.run(List.of("ip", "link", "set", "tun", "down", "alias", ""));
            Iproute2.run("ip link set tun name " + fallback);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "somebodys",
        "iptunnel.dev/v2 manager=11111111-2222-3333-4444-555555555555 uid=uid-of-tun deletion=Delete name=tun",
        "iptunnel.dev/v1 manager=another-cluster uid=uid-of-tun deletion=Delete name=tun",
        "iptunnel.dev/v1 manager=cli uid=uid-of-tun deletion=Delete name=tun",
    })
    void an_identical_tunnel_with_a_mark_that_is_not_ours_is_never_touched(String alias) {
        Iproute2.batch(
                "link add tun type ipip mode ipip local 192.0.2.1 remote 192.0.2.2 dev under0 ttl 64",
                "link set tun up");
        Iproute2.run(List.of("ip", "link", "set", "tun", "alias", alias));
        String before = Iproute2.device("tun");

        assertThat(node.refusal(tunnel("tun", TunnelMode.IPIP).adoptIfIdentical())
                        .reason())
                .isEqualTo(Reason.INTERFACE_NAME_CONFLICT);

        assertThat(Iproute2.device("tun")).isEqualTo(before);
    }

    @Test
    void a_tunnel_of_another_object_keeps_its_name_until_that_is_removed() {
        node.program(tunnel("other", TunnelMode.IPIP).interfaceName("tun").remote("192.0.2.9"));
        String before = Iproute2.device("tun");

        assertThat(node.refusal(tunnel("tun", TunnelMode.IPIP)).message())
                .contains(
                        "belongs to the IpTunnel \"other\" (uid uid-of-other), which is not among the IpTunnels of this node");
        assertThat(Iproute2.device("tun")).isEqualTo(before);

        node.remove("other");
        node.program(tunnel("tun", TunnelMode.IPIP));
        assertThat(Iproute2.alias("tun")).contains("uid=uid-of-tun");
    }

    @Test
    void tunnels_are_made_changed_and_removed_beside_devices_of_others_that_stay_as_they_are() {
        Iproute2.batch(
                "link add theirs type ipip mode ipip local 192.0.2.1 remote 192.0.2.77 ttl 9",
                "link set theirs alias somebodys up",
                "address add 10.7.7.7/24 dev theirs",
                "route add 10.8.8.0/24 dev theirs");
        String before = everything();

        for (TunnelMode mode : TunnelMode.values()) {
            node.program(tunnel("tun", mode));
            node.program(tunnel("tun", mode).remote("any").addresses());
            node.program(tunnel("tun", mode).up(false));
            node.remove("tun");
        }

        assertThat(Iproute2.exists("tun")).isFalse();
        assertThat(everything()).isEqualTo(before);
    }

    @Test
    void a_retained_tunnel_loses_our_mark_and_nothing_else() {
        Mark retained = new Mark(TunnelNode.MANAGER, "uid-of-tun", DeletionPolicy.RETAIN, "tun");
        node.program(tunnel("tun", TunnelMode.SIT).mark(retained));
        String before = Iproute2.device("tun");

        node.remove("tun");

        assertThat(Iproute2.device("tun")).isEqualTo(before.replace("\"ifalias\":\"" + retained + "\",", ""));
    }

    private static String everything() {
        return Iproute2.run("ip -d address show")
                + Iproute2.run("ip -4 route show table all")
                + Iproute2.run("ip -6 route show table all");
    }
}
