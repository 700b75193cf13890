package dev.iptunnel.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.iptunnel.plan.Plan;
import dev.iptunnel.planner.Planner;
import dev.iptunnel.tunnel.DesiredTunnelBuilder;
import dev.iptunnel.tunnel.TunnelMode;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The kernel holds what it would hold had an expert typed the commands of iproute2. */
@Tag("kernel")
@Tag("differential")
class DifferentialTest {
    private static final int MADE_ANEW = 20;
    private static final List<String> counts = new ArrayList<>();

    @RegisterExtension
    final TunnelNode node = new TunnelNode();

    private final Expert expert = new Expert();

    @BeforeEach
    void makeParents() {
        expert.type(List.of(
                "ip link add link under0 name vlan7 mtu " + DifferentialTunnel.MTU_OF_VLAN + " type vlan id 7",
                "ip address add 203.0.113.1/24 dev vlan7",
                "ip address add 2001:db8:7::1/64 dev vlan7 nodad",
                "ip link set dev vlan7 up"));
    }

    @AfterEach
    void removeParents() {
        expert.type("ip link delete dev vlan7");
        expert.close();
    }

    @AfterAll
    static void count() {
        counts.forEach(System.out::println);
    }

    private static List<DifferentialTunnel> tunnels(TunnelMode mode) {
        return DifferentialMatrix.rows(mode).stream()
                .map(row -> new DifferentialTunnel(mode, row))
                .toList();
    }

    @ParameterizedTest
    @EnumSource
    void a_tunnel_that_is_made_is_what_iproute2_makes(TunnelMode mode) {
        List<String> mismatches = new ArrayList<>();
        List<DifferentialTunnel> tunnels = tunnels(mode);

        for (int i = 0; i < tunnels.size(); i++) {
            DifferentialTunnel tunnel = tunnels.get(i);
            DeviceState typed = typed(tunnel, "typed" + i);
            try {
                DeviceState ours = programmed(tunnel, "ours" + i);
                if (!ours.isLike(typed)) {
                    mismatches.add(difference(tunnel, typed, ours));
                }
            } catch (KernelException e) {
                mismatches.add(tunnel.mode() + " " + tunnel.row() + "\n" + e);
            }
        }

        counts.add("differential " + mode + ": " + tunnels.size() + " combinations, with each of "
                + DifferentialMatrix.pairwise(mode).pairs().size() + " pairs of values");
        assertThat(mismatches).isEmpty();
    }

    @ParameterizedTest
    @EnumSource
    void a_tunnel_that_is_changed_is_what_iproute2_makes_and_keeps_its_ifindex_as_the_plan_says(TunnelMode mode) {
        List<String> mismatches = new ArrayList<>();
        List<DifferentialTunnel> tunnels = changes(tunnels(mode));
        List<DeviceState> typed = new ArrayList<>();
        for (int i = 0; i < tunnels.size(); i++) {
            typed.add(typed(tunnels.get(i), "typed" + i).withoutKernelsOwn());
        }
        int changedInPlace = 0;

        node.program(tunnels.getFirst().desired("ours"));
        DeviceState before = expert.look("ours");
        for (int i = 1; i < tunnels.size(); i++) {
            DesiredTunnelBuilder desired = tunnels.get(i).desired("ours");
            Plan plan = (Plan) node.plan(desired);
            node.program(desired);
            DeviceState after = expert.look("ours");
            boolean inPlace = after.ifindex() == before.ifindex();
            changedInPlace += inPlace ? 1 : 0;
            DeviceState expected = tunnels.get(i).leavesRpFilterAlone() && inPlace
                    ? typed.get(i).withRpFilter(before.rpFilter())
                    : typed.get(i);
            if (!after.withoutKernelsOwn().isLike(expected)
                    || inPlace == plan.disruption().isPresent()) {
                mismatches.add(tunnels.get(i - 1).row() + ", then "
                        + difference(tunnels.get(i), expected, after.withoutKernelsOwn()) + "ifindex "
                        + before.ifindex() + " -> " + after.ifindex() + ", plan:\n" + plan);
            }
            before = after;
        }

        counts.add("differential " + mode + ": " + (tunnels.size() - 1) + " changes, " + changedInPlace + " in place");
        assertThat(mismatches).isEmpty();
    }

    /** A remote that becomes any, or an address, makes some tunnels anew: first hardly ever, then most of the time. */
    private static List<DifferentialTunnel> changes(List<DifferentialTunnel> tunnels) {
        return Stream.concat(
                        tunnels.stream().sorted(Comparator.comparing(tunnel -> tunnel.row()
                                .get("remote"))),
                        tunnels.stream().limit(MADE_ANEW))
                .toList();
    }

    private DeviceState typed(DifferentialTunnel tunnel, String name) {
        expert.type(tunnel.commands(name));
        DeviceState state = expert.look(name);
        expert.type("ip link delete dev " + name);
        return state;
    }

    private DeviceState programmed(DifferentialTunnel tunnel, String name) {
        node.program(tunnel.desired(name));
        DeviceState state = expert.look(name);
        node.kernel.markedBy(TunnelNode.MANAGER, name).forEach(link -> node.kernel.execute(Planner.remove(link)));
        return state;
    }

    private static String difference(DifferentialTunnel tunnel, DeviceState typed, DeviceState ours) {
        return tunnel.mode() + " " + tunnel.row() + "\n" + String.join("\n", tunnel.commands("typed"))
                + "\n-- iproute2:\n" + typed + "\n-- ours:\n" + ours + "\n";
    }
}
