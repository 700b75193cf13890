package dev.iptunnel.kernel;

import static dev.iptunnel.kernel.TunnelNode.tunnel;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.iptunnel.observation.ObservedLink;
import dev.iptunnel.plan.Plan;
import dev.iptunnel.plan.Reason;
import dev.iptunnel.plan.Refusal;
import dev.iptunnel.planner.Planner;
import dev.iptunnel.tunnel.DeletionPolicy;
import dev.iptunnel.tunnel.DesiredTunnelBuilder;
import dev.iptunnel.tunnel.Mark;
import dev.iptunnel.tunnel.TunnelMode;
import java.util.List;
import java.util.OptionalInt;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** An agent that is killed while it makes a tunnel: the next one goes on with what it finds, and with nothing else. */
@Tag("kernel")
class HalfBornKernelTest {
    private static final String IPV4 = " local 192.0.2.1 remote 192.0.2.2 dev under0 ttl 64";
    private static final String IPV6 = " local 2001:db8::1 remote 2001:db8::2 dev under0 hoplimit 64 encaplimit none";
    private static final String OTHER_MANAGER = "99999999-2222-3333-4444-555555555555";

    @RegisterExtension
    final TunnelNode node = new TunnelNode();

    @ParameterizedTest
    @CsvSource({
        "IPIP,false",
        "SIT,false",
        "IP6IP6,true",
        "IPIP6,true",
    })
    void a_tunnel_that_was_made_and_not_marked_is_finished(TunnelMode mode, boolean adopts) {
        assertThat(TunnelProcess.run(List.of(), mode, 1)).contains("halted after AddTunnel");
        assertThat(Iproute2.alias("tun")).isEmpty();
        int ifindex = Iproute2.ifindex("tun");
        DesiredTunnelBuilder desired = adopts ? tunnel("tun", mode).adoptIfIdentical() : tunnel("tun", mode);

        node.program(desired);

        assertIsFinished(desired, ifindex);
        assertThat(Iproute2.addresses("tun")).hasSize(1);
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

    static Stream<Arguments> handMade() {
        return Stream.of(
                Arguments.of(TunnelMode.IPIP, "tunnel add tun mode ipip" + IPV4),
                Arguments.of(TunnelMode.SIT, "tunnel add tun mode sit" + IPV4),
                Arguments.of(TunnelMode.IP6IP6, "-6 tunnel add tun mode ip6ip6" + IPV6),
                Arguments.of(TunnelMode.IPIP6, "-6 tunnel add tun mode ipip6" + IPV6),
                Arguments.of(TunnelMode.IPIP, "link add tun type ipip mode ipip" + IPV4),
                Arguments.of(TunnelMode.SIT, "link add tun group 7 type sit mode ip6ip" + IPV4),
                Arguments.of(TunnelMode.IP6IP6, "link add tun mtu 1400 type ip6tnl mode ip6ip6" + IPV6),
                Arguments.of(TunnelMode.IPIP6, "link add tun type ip6tnl mode ipip6" + IPV6));
    }

    @ParameterizedTest
    @MethodSource("handMade")
    void one_made_by_hand_that_looks_the_same_is_refused(TunnelMode mode, String command) {
        Iproute2.run("ip " + command);
        String before = Iproute2.device("tun");

        Refusal refusal = node.refusal(tunnel("tun", mode));

        assertThat(refusal.reason()).isEqualTo(Reason.INTERFACE_NAME_CONFLICT);
        assertThat(refusal.message())
                .contains("was made by somebody else and is what the spec asks for")
                .contains("set spec.adoptionPolicy: IfIdentical");
        assertThat(node.kernel.halfBorn(TunnelNode.MANAGER)).isEmpty();
        node.remove("tun");
        assertThat(Iproute2.device("tun")).isEqualTo(before);
    }

    @ParameterizedTest
    @MethodSource("handMade")
    void one_made_by_hand_that_looks_the_same_is_adopted_where_the_spec_says_so(TunnelMode mode, String command) {
        Iproute2.run("ip " + command);
        int ifindex = Iproute2.ifindex("tun");
        String group = Iproute2.link("tun").get("group").asText();
        DesiredTunnelBuilder desired = tunnel("tun", mode).adoptIfIdentical();

        node.program(desired);

        assertThat(Iproute2.ifindex("tun")).isEqualTo(ifindex);
        assertThat(Iproute2.alias("tun")).isEqualTo(desired.build().mark().toString());
        assertThat(Iproute2.link("tun").get("group").asText()).isEqualTo(group);
    }

    @ParameterizedTest
    @EnumSource(TunnelMode.class)
    void one_of_an_object_that_was_made_anew_meanwhile_is_finished_for_the_new_one(TunnelMode mode) {
        int ifindex = stopAfterAdding(mode);
        Mark anew = new Mark(TunnelNode.MANAGER, "another-uid", DeletionPolicy.DELETE, "another-name");
        DesiredTunnelBuilder desired = tunnel("tun", mode).mark(anew).interfaceName("tun");

        node.program(desired);

        assertIsFinished(desired, ifindex);
    }

    @ParameterizedTest
    @EnumSource(TunnelMode.class)
    void one_whose_object_was_edited_meanwhile_is_finished_as_the_object_is_now(TunnelMode mode) {
        int ifindex = stopAfterAdding(mode);
        DesiredTunnelBuilder desired =
                tunnel("tun", mode).ttl(99).parent("under1").mtu(OptionalInt.of(1300));

        node.program(desired);

        assertIsFinished(desired, ifindex);
        assertThat(Iproute2.mtu("tun")).isEqualTo(1300);
    }

    @ParameterizedTest
    @EnumSource(TunnelMode.class)
    void one_whose_object_asks_for_another_name_now_makes_its_endpoints_free(TunnelMode mode) {
        stopAfterAdding(mode);
        DesiredTunnelBuilder desired = tunnel("tun", mode).interfaceName("new0");

        node.program(desired);

        assertThat(Iproute2.exists("tun")).isFalse();
        assertThat(Iproute2.alias("new0")).isEqualTo(desired.build().mark().toString());
    }

    @ParameterizedTest
    @EnumSource(TunnelMode.class)
    void one_of_another_mode_is_made_anew(TunnelMode mode) {
        stopAfterAdding(mode);
        TunnelMode other = mode == TunnelMode.IPIP ? TunnelMode.SIT : TunnelMode.IPIP;
        DesiredTunnelBuilder desired = tunnel("tun", other);

        node.program(desired);

        assertThat(Iproute2.alias("tun")).isEqualTo(desired.build().mark().toString());
    }

    @ParameterizedTest
    @EnumSource(TunnelMode.class)
    void one_whose_object_was_deleted_meanwhile_is_found_and_removed(TunnelMode mode) {
        int ifindex = stopAfterAdding(mode);
        Iproute2.run("ip link set tun name renamed0");

        List<ObservedLink> found = node.kernel.halfBorn(TunnelNode.MANAGER);

        assertThat(found).extracting(ObservedLink::index).containsExactly(ifindex);
        assertThat(node.kernel.halfBorn(OTHER_MANAGER)).isEmpty();
        found.forEach(link -> node.kernel.execute(Planner.remove(link)));
        assertThat(Iproute2.exists("renamed0")).isFalse();
    }

    @ParameterizedTest
    @EnumSource(TunnelMode.class)
    void one_of_another_cluster_is_refused(TunnelMode mode) {
        stopAfterAdding(mode);
        Mark other = new Mark(OTHER_MANAGER, "uid-of-tun", DeletionPolicy.DELETE, "tun");

        Refusal refusal = node.refusal(tunnel("tun", mode).mark(other));

        assertThat(refusal.reason()).isEqualTo(Reason.INTERFACE_NAME_CONFLICT);
    }

    @ParameterizedTest
    @EnumSource(TunnelMode.class)
    void one_that_this_very_process_did_not_come_to_mark_is_finished(TunnelMode mode) {
        Plan refusedByTheKernel = (Plan) node.plan(tunnel("tun", mode).mtu(OptionalInt.of(67)));
        assertThatExceptionOfType(KernelException.class).isThrownBy(() -> node.kernel.execute(refusedByTheKernel));
        int ifindex = Iproute2.ifindex("tun");
        DesiredTunnelBuilder desired = tunnel("tun", mode);

        node.program(desired);

        assertIsFinished(desired, ifindex);
    }

    /** As a kill leaves it, and without the start of another process. */
    private int stopAfterAdding(TunnelMode mode) {
        Plan plan = (Plan) node.plan(tunnel("tun", mode));
        node.kernel.execute(new Plan(plan.operations().subList(0, 1)));
        assertThat(Iproute2.alias("tun")).isEmpty();
        return Iproute2.ifindex("tun");
    }

    private static void assertIsFinished(DesiredTunnelBuilder desired, int ifindex) {
        assertThat(Iproute2.ifindex("tun")).isEqualTo(ifindex);
        assertThat(Iproute2.alias("tun")).isEqualTo(desired.build().mark().toString());
        assertThat(Iproute2.link("tun").get("group").asText()).isEqualTo("default");
        assertThat(Iproute2.link("tun").get("flags").toString()).contains("\"UP\"");
    }
}
