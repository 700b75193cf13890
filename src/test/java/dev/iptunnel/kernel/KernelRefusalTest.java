package dev.iptunnel.kernel;

import static dev.iptunnel.kernel.TunnelNode.tunnel;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.iptunnel.plan.Operation;
import dev.iptunnel.plan.Plan;
import dev.iptunnel.plan.Reason;
import dev.iptunnel.planner.Planner;
import dev.iptunnel.tunnel.InnerRoute;
import dev.iptunnel.tunnel.IpFamily;
import dev.iptunnel.tunnel.IpPrefix;
import dev.iptunnel.tunnel.TunnelMode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What a real kernel refuses, and that other tunnels are not disturbed by it. */
@Tag("kernel")
class KernelRefusalTest {
    private static final Path MODPROBE = Path.of("/proc/sys/kernel/modprobe");

    @RegisterExtension
    final TunnelNode node = new TunnelNode();

    @Test
    void a_driver_that_the_kernel_does_not_have_is_a_missing_module() throws IOException {
        node.program(tunnel("other", TunnelMode.IPIP));
        String before = Iproute2.run("ip -d address show dev other");
        String loader = Files.readString(MODPROBE);
        Iproute2.run("modprobe -r sit");
        Files.writeString(MODPROBE, "/bin/false\n");
        try {
            Plan plan = (Plan) node.plan(tunnel("tun", TunnelMode.SIT));

            assertThatThrownBy(() -> node.kernel.execute(plan))
                    .isInstanceOfSatisfying(
                            KernelException.class, e -> assertThat(e.reason()).isEqualTo(Reason.MODULE_MISSING))
                    .hasMessageContaining("load its module (sit)");

            assertThat(Iproute2.run("ip -d address show dev other")).isEqualTo(before);
        } finally {
            Files.writeString(MODPROBE, loader);
            Iproute2.run("modprobe sit");
        }
    }

    @Test
    void a_process_without_net_admin_is_denied() {
        String answer = TunnelProcess.run(
                List.of("setpriv", "--bounding-set=-net_admin", "--inh-caps=-net_admin"), TunnelMode.IPIP, 0);

        assertThat(answer).startsWith("PermissionDenied RTM_NEWLINK tun: EPERM").contains("NET_ADMIN");
    }

    @Test
    void a_route_that_somebody_else_has_keeps_nothing_else_away_and_what_was_done_is_told() {
        Iproute2.run("ip route add blackhole 10.8.0.0/16");
        try {
            Plan plan =
                    (Plan) node.plan(tunnel("tun", TunnelMode.IPIP).routes(route("10.8.0.0/16"), route("10.9.0.0/16")));

            assertThatThrownBy(() -> node.kernel.execute(plan)).isInstanceOfSatisfying(KernelException.class, e -> {
                assertThat(e.reason()).isEqualTo(Reason.ROUTE_CONFLICT);
                assertThat(e.isOfParts()).isTrue();
                assertThat(e.executed()).hasSize(plan.operations().size() - 1);
                assertThat(e.executed().getLast().toString()).contains("10.9.0.0/16");
            });
        } finally {
            Iproute2.run("ip route del blackhole 10.8.0.0/16");
        }
    }

    private static InnerRoute route(String destination) {
        return new InnerRoute(IpPrefix.parse(IpFamily.IPV4, destination), Optional.empty(), InnerRoute.MAIN_TABLE, 0);
    }

    @Test
    void an_error_before_the_end_of_a_plan_tells_what_was_done_before_it() {
        node.program(tunnel("tun", TunnelMode.IPIP));
        Operation removal =
                Planner.remove(node.kernel.marked().getFirst()).operations().getFirst();
        Plan halfWay = new Plan(List.of(removal, removal));

        assertThatThrownBy(() -> node.kernel.execute(halfWay)).isInstanceOfSatisfying(KernelException.class, e -> {
            assertThat(e.isOfParts()).isFalse();
            assertThat(e.executed()).containsExactly(removal);
        });
    }

    @Test
    void ipv6_that_is_disabled_on_the_interface_is_no_missing_permission() throws IOException {
        Files.writeString(Path.of("/proc/sys/net/ipv6/conf/default/disable_ipv6"), "1\n");
        try {
            Plan plan = (Plan) node.plan(tunnel("tun", TunnelMode.SIT));

            assertThatThrownBy(() -> node.kernel.execute(plan))
                    .isInstanceOfSatisfying(
                            KernelException.class, e -> assertThat(e.reason()).isEqualTo(Reason.IPV6_DISABLED));
        } finally {
            Files.writeString(Path.of("/proc/sys/net/ipv6/conf/default/disable_ipv6"), "0\n");
        }
    }
}
