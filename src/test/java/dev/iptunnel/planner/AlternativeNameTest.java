package dev.iptunnel.planner;

import static org.assertj.core.api.Assertions.assertThat;

import dev.iptunnel.observation.Observation;
import dev.iptunnel.observation.ObservedLink;
import dev.iptunnel.plan.Decision;
import dev.iptunnel.plan.Operation.DeleteAlternativeName;
import dev.iptunnel.plan.Operation.RenameLink;
import dev.iptunnel.plan.Plan;
import dev.iptunnel.plan.Reason;
import dev.iptunnel.plan.Refusal;
import dev.iptunnel.readiness.Readiness;
import dev.iptunnel.tunnel.DesiredTunnelBuilder;
import dev.iptunnel.tunnel.Marks;
import dev.iptunnel.tunnel.TunnelMode;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

class AlternativeNameTest {
    private final SimulatedNode node = SimulatedNode.withEthernet();

    private static DesiredTunnelBuilder berlin() {
        return DesiredTunnelBuilder.of(Marks.of("berlin", "uid-of-berlin"), TunnelMode.IPIP)
                .interfaceName("tun");
    }

    private static DesiredTunnelBuilder hamburg() {
        return DesiredTunnelBuilder.of(Marks.of("hamburg", "uid-of-hamburg"), TunnelMode.IPIP)
                .interfaceName("other");
    }

    private Decision plan(DesiredTunnelBuilder desired, Claims claims) {
        return Planner.plan(desired.build(), node.observe(desired.build()), claims);
    }

    private Decision plan(DesiredTunnelBuilder desired) {
        return plan(desired, ListedClaims.NONE);
    }

    private void program(DesiredTunnelBuilder desired) {
        node.apply((Plan) plan(desired));
    }

    @Test
    void a_refusal_has_the_name_and_the_alternative_name_of_the_device() {
        // given
        node.alternativeName("tun", node.named("eth0").orElseThrow());

        // when
        Decision decision = plan(berlin());

        // then
        assertThat(decision)
                .isEqualTo(new Refusal(
                        Reason.INTERFACE_NAME_CONFLICT,
                        "interface eth0 (ifindex 2) has the alternative name \"tun\"; choose another"
                                + " spec.interfaceName, or remove that name: ip link property del dev eth0 altname"
                                + " tun"));
    }

    @Test
    void a_tunnel_of_another_object_is_not_taken_over_by_its_alternative_name() {
        // given
        DesiredTunnelBuilder hamburg = hamburg().remote("192.0.2.99");
        program(hamburg);
        node.alternativeName("tun", node.named("other").orElseThrow());

        // when
        Decision decision = plan(berlin(), ListedClaims.of(List.of(hamburg.build(), berlin().build())));

        // then
        assertThat(decision).isInstanceOf(Refusal.class);
        assertThat(((Refusal) decision).message()).startsWith("interface other (ifindex 100) has the alternative name");
    }

    @Test
    void our_own_tunnel_gets_its_name_back_if_it_is_an_alternative_one() {
        // given
        program(berlin().interfaceName("other"));
        ObservedLink other = node.named("other").orElseThrow();
        node.alternativeName("tun", other);

        // when
        Plan plan = (Plan) plan(berlin());
        node.apply(plan);

        // then
        assertThat(plan.operations())
                .startsWith(
                        new DeleteAlternativeName(other.index(), "other", "tun"),
                        new RenameLink(other.index(), "other", "tun"));
        assertThat(node.named("tun").map(ObservedLink::index)).contains(other.index());
        assertThat(((Plan) plan(berlin())).isEmpty()).isTrue();
    }

    @Test
    void the_spec_may_have_an_alternative_name_of_the_parent_and_the_message_has_both_names() {
        // given
        node.alternativeName("lan", node.named("eth0").orElseThrow());
        DesiredTunnelBuilder desired = berlin().parent("lan");

        // when
        program(desired);

        // then
        assertThat(node.named("tun").orElseThrow().tunnel().orElseThrow().parent())
                .isEqualTo(2);
        assertThat(Readiness.alternativeNames(desired.build(), node.observe(desired.build())))
                .contains("\"lan\" (spec.parent) is an alternative name of interface eth0");
    }

    @Test
    void the_tunnel_itself_cannot_be_its_parent_by_an_alternative_name() {
        // given
        program(berlin());
        node.alternativeName("self", node.named("tun").orElseThrow());

        // when
        Decision decision = plan(berlin().parent("self"));

        // then
        assertThat(decision)
                .isEqualTo(new Refusal(
                        Reason.INVALID_SPEC,
                        "spec.parent: \"self\" is the tunnel's own interface tun: write the interface that carries the"
                                + " outer packets"));
    }

    /** Otherwise each would park the tunnel of the other in turn. */
    @Test
    void two_objects_with_different_names_of_one_parent_want_the_same_endpoints() {
        // given
        node.alternativeName("lan", node.named("eth0").orElseThrow());
        DesiredTunnelBuilder older = berlin().parent("eth0").created("2026-01-01T00:00:00Z");
        DesiredTunnelBuilder younger = hamburg().parent("lan").created("2026-01-02T00:00:00Z");
        Claims claims = ListedClaims.of(List.of(older.build(), younger.build()));
        program(older);

        // when
        Observation observed = node.observe(younger.build());
        Decision decision = Planner.plan(
                younger.build(),
                observed.toBuilder().parentNames(Set.of("eth0", "lan")).build(),
                claims);

        // then
        assertThat(decision).isInstanceOf(Refusal.class);
        assertThat(((Refusal) decision).reason()).isEqualTo(Reason.ENDPOINT_CONFLICT);
        assertThat(((Refusal) decision).rival()).isEqualTo(Optional.of("berlin"));
    }
}
