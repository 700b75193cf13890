package dev.iptunnel.kernel;

import static dev.iptunnel.kernel.TunnelNode.tunnel;
import static org.assertj.core.api.Assertions.assertThat;

import dev.iptunnel.kernel.KernelEvent.LinkChanged;
import dev.iptunnel.observation.Observation;
import dev.iptunnel.plan.Reason;
import dev.iptunnel.plan.Refusal;
import dev.iptunnel.tunnel.DesiredTunnelBuilder;
import dev.iptunnel.tunnel.LocalAddress;
import dev.iptunnel.tunnel.TunnelMode;
import java.time.Instant;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** An alternative name stands for an interface as its own name does, on a real kernel. */
@Tag("kernel")
class AlternativeNameKernelTest {
    private static final String LONG = "a-name-of-an-interface-that-is-longer-than-its-own-may-be"
            .repeat(3)
            .substring(0, 127);

    @RegisterExtension
    final TunnelNode node = new TunnelNode();

    private final Queue<KernelEvent> events = new ConcurrentLinkedQueue<>();

    private static void alternativeName(String device, String name) {
        Iproute2.run("ip link property add dev " + device + " altname " + name);
    }

    @ParameterizedTest
    @ValueSource(strings = {"lan", "a-name-of-more-than-15-bytes"})
    void the_parent_is_found_by_it(String name) {
        alternativeName("under0", name);
        DesiredTunnelBuilder desired = tunnel("tun", TunnelMode.IPIP).parent(name);

        node.program(desired);

        assertThat(Iproute2.parameters("tun").get("link").asText()).isEqualTo("under0");
        assertRecalled(desired);
    }

    @Test
    void the_longest_that_the_kernel_takes_is_found() {
        alternativeName("under0", LONG);

        node.program(tunnel("tun", TunnelMode.IPIP).parent(LONG));

        assertThat(Iproute2.parameters("tun").get("link").asText()).isEqualTo("under0");
    }

    @ParameterizedTest
    @EnumSource
    void the_local_address_is_taken_and_followed_by_it(TunnelMode mode) {
        alternativeName("under0", "lan");
        DesiredTunnelBuilder desired = tunnel("tun", mode).local(new LocalAddress.OfInterface("lan"));
        node.program(desired);
        assertRecalled(desired);
        events.clear();

        Iproute2.run("ip address add 192.0.2.5/24 dev under0");

        await("told by the alternative name", () -> events.contains(new LinkChanged("lan", false)));
    }

    @Test
    void one_that_is_added_moved_and_removed_is_told_of() {
        node.kernel.watch(events::add);
        DesiredTunnelBuilder desired = tunnel("tun", TunnelMode.IPIP).parent("lan");

        alternativeName("under0", "lan");
        await("added", () -> events.remove(new LinkChanged("lan", false)));
        node.program(desired);
        awaitEqual(desired);
        events.clear();
        Iproute2.run("ip link property del dev under0 altname lan");
        await("removed", () -> events.remove(new LinkChanged("lan", false)));
        assertThat(node.refusal(desired).reason()).isEqualTo(Reason.PARENT_NOT_FOUND);
        alternativeName("under1", "lan");
        await("moved", () -> events.remove(new LinkChanged("lan", false)));
        node.program(desired);
        awaitEqual(desired);

        assertThat(Iproute2.parameters("tun").get("link").asText()).isEqualTo("under1");
    }

    @Test
    void a_device_that_has_the_tunnels_name_as_one_is_a_conflict_that_names_it() {
        alternativeName("under1", "tun");

        Refusal refusal = node.refusal(tunnel("tun", TunnelMode.IPIP));

        assertThat(refusal.reason()).isEqualTo(Reason.INTERFACE_NAME_CONFLICT);
        assertThat(refusal.message()).contains("interface under1 (ifindex", "has the alternative name \"tun\"");
    }

    @ParameterizedTest
    @EnumSource
    void a_tunnel_of_somebody_elses_is_not_adopted_by_one(TunnelMode mode) {
        DesiredTunnelBuilder desired = tunnel("tun", mode).adoptIfIdentical();
        node.program(desired);
        Iproute2.run("ip link set tun alias ''");
        Iproute2.run("ip link set tun down");
        Iproute2.run("ip link set tun name theirs");
        alternativeName("theirs", "tun");

        Refusal refusal = node.refusal(desired);

        assertThat(refusal.reason()).isEqualTo(Reason.INTERFACE_NAME_CONFLICT);
        assertThat(refusal.message()).contains("interface theirs (ifindex");
    }

    @ParameterizedTest
    @EnumSource
    void our_own_tunnel_that_has_its_name_as_one_is_renamed_and_keeps_its_ifindex(TunnelMode mode) {
        DesiredTunnelBuilder desired = tunnel("tun", mode);
        node.program(desired);
        int index = node.kernel.observe(desired.build()).named().orElseThrow().index();
        Iproute2.run("ip link set tun down");
        Iproute2.run("ip link set tun name other");
        alternativeName("other", "tun");

        node.program(desired);

        Observation observed = node.kernel.observe(desired.build());
        assertThat(observed.named().orElseThrow().index()).isEqualTo(index);
        assertThat(observed.named().orElseThrow().name()).isEqualTo("tun");
        assertThat(Iproute2.interfaceNames()).contains("tun").doesNotContain("other");
    }

    private void assertRecalled(DesiredTunnelBuilder desired) {
        node.kernel.watch(events::add);
        awaitEqual(desired);
    }

    private void awaitEqual(DesiredTunnelBuilder desired) {
        await(
                "recalled as observed",
                () -> node.kernel.recall(desired.build()).equals(Optional.of(node.kernel.observe(desired.build()))));
    }

    private static void await(String what, BooleanSupplier condition) {
        Instant deadline = Instant.now().plusSeconds(30);
        while (!condition.getAsBoolean()) {
            assertThat(Instant.now()).as(what).isBefore(deadline);
        }
    }
}
