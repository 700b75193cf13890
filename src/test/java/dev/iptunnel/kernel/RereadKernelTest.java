package dev.iptunnel.kernel;

import static dev.iptunnel.kernel.TunnelNode.tunnel;
import static org.assertj.core.api.Assertions.assertThat;

import dev.iptunnel.agent.program.Outcome;
import dev.iptunnel.agent.program.TunnelProgrammer;
import dev.iptunnel.observation.ObservedLink;
import dev.iptunnel.plan.Reason;
import dev.iptunnel.planner.ListedClaims;
import dev.iptunnel.tunnel.DesiredTunnel;
import dev.iptunnel.tunnel.InnerRoute;
import dev.iptunnel.tunnel.IpPrefix;
import dev.iptunnel.tunnel.TunnelMode;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Before a change, only tunnels that the kernel has told of are read again, not all of them. What it has not told of yet
 * must do no harm.
 */
@Tag("kernel")
@Timeout(120)
class RereadKernelTest {
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    @RegisterExtension
    final TunnelNode node = new TunnelNode();

    private final CountDownLatch told = new CountDownLatch(1);
    private final CountDownLatch hears = new CountDownLatch(1);
    private volatile boolean deaf;

    @AfterEach
    void hear() {
        hears.countDown();
    }

    /** The kernel is listened to until {@link #becomeDeaf}. */
    private void listen() {
        node.kernel.watch(_ -> {
            if (deaf) {
                told.countDown();
                awaitQuietly(hears);
            }
        });
    }

    /** From now on nothing that the kernel tells arrives. */
    private void becomeDeaf() {
        deaf = true;
        Iproute2.batch("link add deafening type dummy");
        awaitQuietly(told);
    }

    private static void awaitQuietly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private Outcome program(DesiredTunnel desired, OptionalInt ifindex) {
        return new TunnelProgrammer(node.kernel).program(desired, ifindex, () -> ListedClaims.NONE, _ -> {});
    }

    private static String endpoints(TunnelMode mode) {
        return switch (mode) {
            case IPIP -> "type ipip local 192.0.2.1 remote 192.0.2.2 dev under0 ttl 64";
            case SIT -> "type sit local 192.0.2.1 remote 192.0.2.2 dev under0 ttl 64";
            case IP6IP6 -> "type ip6tnl mode ip6ip6 local 2001:db8::1 remote 2001:db8::2 dev under0 hoplimit 64";
            case IPIP6 -> "type ip6tnl mode ipip6 local 2001:db8::1 remote 2001:db8::2 dev under0 hoplimit 64";
        };
    }

    private static String mark(TunnelMode mode) {
        return tunnel("tun", mode).build().mark().toString();
    }

    @ParameterizedTest
    @EnumSource
    void what_is_read_again_is_what_a_list_shows(TunnelMode mode) {
        DesiredTunnel desired = tunnel("tun", mode).build();
        listen();
        assertSameAsListed("nothing", desired);

        Iproute2.batch("link add other " + endpoints(mode));
        assertSameAsListed("a tunnel of another program with the endpoints", desired);

        Iproute2.batch("link set other alias '" + mark(mode) + "'");
        assertSameAsListed("a tunnel of ours under another name", desired);

        Iproute2.batch("link set other alias '" + mark(mode).replace("uid-of-tun", "uid-of-predecessor") + "'");
        assertSameAsListed("the tunnel of a predecessor under another name", desired);

        Iproute2.batch("link set other name tun");
        assertSameAsListed("the tunnel of a predecessor", desired);

        Iproute2.run("ip link delete dev tun");
        assertSameAsListed("nothing any more", desired);

        program(desired, OptionalInt.empty());
        assertSameAsListed("our tunnel", desired);
    }

    private void assertSameAsListed(String what, DesiredTunnel desired) {
        Instant deadline = Instant.now().plus(PATIENCE);
        while (!node.kernel.reread(desired, OptionalInt.empty()).equals(node.kernel.observe(desired))
                && Instant.now().isBefore(deadline)) {
            Thread.onSpinWait();
        }
        assertThat(node.kernel.reread(desired, OptionalInt.empty())).as(what).isEqualTo(node.kernel.observe(desired));
    }

    @ParameterizedTest
    @EnumSource
    void a_holder_of_the_endpoints_that_was_not_told_of_yet_is_named_and_stays(TunnelMode mode) {
        listen();
        becomeDeaf();
        Iproute2.batch("link add other " + endpoints(mode));
        String before = Iproute2.device("other");

        Outcome outcome = program(tunnel("tun", mode).build(), OptionalInt.empty());

        assertThat(outcome.notProgrammed().orElseThrow().reason()).isEqualTo(Reason.ENDPOINT_CONFLICT);
        assertThat(outcome.notProgrammed().orElseThrow().message())
                .contains("interface other (ifindex " + Iproute2.ifindex("other") + ")");
        assertThat(Iproute2.device("other")).isEqualTo(before);
        assertThat(Iproute2.interfaceNames()).doesNotContain("tun");
    }

    @ParameterizedTest
    @EnumSource
    void our_tunnel_that_was_renamed_gets_its_name_back_before_the_kernel_told_of_it(TunnelMode mode) {
        listen();
        program(tunnel("tun", mode).build(), OptionalInt.empty());
        int ifindex = Iproute2.ifindex("tun");
        becomeDeaf();
        Iproute2.batch("link set tun down", "link set tun name away");

        Outcome outcome = program(tunnel("tun", mode).mtu(OptionalInt.of(1400)).build(), OptionalInt.of(ifindex));

        assertThat(outcome.programmed()).isTrue();
        assertThat(Iproute2.ifindex("tun")).isEqualTo(ifindex);
        assertThat(Iproute2.interfaceNames()).doesNotContain("away");
    }

    @ParameterizedTest
    @EnumSource
    void the_tunnel_of_a_predecessor_that_was_not_told_of_yet_is_taken_over(TunnelMode mode) {
        listen();
        becomeDeaf();
        Iproute2.batch(
                "link add old " + endpoints(mode),
                "link set old alias '" + mark(mode).replace("uid-of-tun", "uid-of-predecessor") + "'");

        Outcome outcome = program(tunnel("tun", mode).build(), OptionalInt.empty());

        assertThat(outcome.programmed()).isTrue();
        assertThat(Iproute2.interfaceNames()).contains("tun").doesNotContain("old");
    }

    @ParameterizedTest
    @CsvSource({
        "IPIP, route add default via 192.0.2.254 dev under0, 198.18.0.1/24, 198.18.0.0/24, 0",
        "SIT, route add default via 2001:db8::eeee dev under0, 3fff:9::1/64, 3fff:9::/64, 1",
    })
    void a_network_of_an_uplink_that_was_not_told_of_yet_is_guarded(
            TunnelMode mode, String uplink, String address, String destination, long metric) {
        Iproute2.batch(uplink);
        listen();
        becomeDeaf();
        Iproute2.batch("address add " + address + " dev under0");

        Outcome outcome = program(
                tunnel("tun", mode)
                        .routes(new InnerRoute(
                                IpPrefix.parse(mode.inner(), destination),
                                Optional.empty(),
                                InnerRoute.MAIN_TABLE,
                                metric))
                        .build(),
                OptionalInt.empty());

        assertThat(outcome.notProgrammed().orElseThrow().reason()).isEqualTo(Reason.ROUTE_WOULD_ISOLATE_NODE);
    }

    @ParameterizedTest
    @EnumSource
    void a_tunnel_that_was_not_told_of_yet_is_found_to_be_removed(TunnelMode mode) {
        listen();
        becomeDeaf();
        Iproute2.batch("link add old " + endpoints(mode), "link set old alias '" + mark(mode) + "'");

        List<ObservedLink> found = node.kernel.markedBy(TunnelNode.MANAGER, "tun");

        assertThat(found).extracting(ObservedLink::name).containsExactly("old");
    }

    @ParameterizedTest
    @EnumSource
    void a_tunnel_that_lost_its_mark_before_the_kernel_told_of_it_is_not_removed(TunnelMode mode) {
        listen();
        program(tunnel("tun", mode).build(), OptionalInt.empty());
        awaitMarked("tun");
        becomeDeaf();
        Iproute2.batch("link set tun alias ''");

        assertThat(node.kernel.markedBy(TunnelNode.MANAGER, "tun")).isEmpty();
    }

    private void awaitMarked(String name) {
        Instant deadline = Instant.now().plus(PATIENCE);
        Optional<ObservedLink> found = Optional.empty();
        while (found.isEmpty() && Instant.now().isBefore(deadline)) {
            found = node.kernel.marked().stream()
                    .filter(link -> link.name().equals(name))
                    .findFirst();
        }
        assertThat(found).as(name + " is known").isPresent();
    }
}
