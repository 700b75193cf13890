package dev.iptunnel.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.iptunnel.agent.probe.Prober;
import dev.iptunnel.probe.ProbeReport;
import dev.iptunnel.probe.ProbeSubject;
import dev.iptunnel.probe.Reachability;
import dev.iptunnel.probe.ReachabilityReason;
import dev.iptunnel.schedule.Clocks;
import dev.iptunnel.tunnel.DesiredTunnel;
import dev.iptunnel.tunnel.IpFamily;
import dev.iptunnel.tunnel.ProbeSettings;
import dev.iptunnel.tunnel.TunnelMode;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** What is known of a peer behind a router by the prober's own thread and sockets. */
@Tag("kernel")
@Timeout(value = 240, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class ProberKernelTest {
    @RegisterExtension
    @Order(1)
    final TunnelNode node = new TunnelNode();

    @RegisterExtension
    @Order(2)
    final DistantPeer peer = new DistantPeer();

    private final BlockingQueue<Set<String>> changes = new LinkedBlockingQueue<>();
    private final Prober prober = new Prober(Clocks.system().steady(), changes::add, _ -> {});

    @BeforeEach
    void allowEcho() {
        Iproute2.run(List.of("sysctl", "-q", "-w", "net.ipv4.ping_group_range=0 2147483647"));
    }

    @AfterEach
    void close() {
        prober.close();
        allowEcho();
    }

    private static ProbeSettings settings(boolean verifiesPathMtu) {
        return new ProbeSettings(
                Optional.empty(), Duration.ofSeconds(1), Duration.ofMillis(300), 3, 2, verifiesPathMtu);
    }

    private ProbeSubject subject(TunnelMode mode, ProbeSettings settings) {
        DesiredTunnel desired = DistantPeer.near(mode)
                .addresses(mode.inner() == IpFamily.IPV4 ? "10.9.0.1/30" : "fd09::1/126")
                .probe(settings)
                .build();
        return ProbeSubject.of(desired, Iproute2.ifindex("tun"), Iproute2.mtu("tun"))
                .orElseThrow();
    }

    private Reachability probe(TunnelMode mode, boolean verifiesPathMtu) {
        node.program(DistantPeer.near(mode));
        DistantPeer.tunnel(mode);
        return prober.probe("tun", subject(mode, settings(verifiesPathMtu)), Optional.empty());
    }

    private ProbeReport report() {
        return prober.reports().getFirst();
    }

    private Reachability await(ReachabilityReason reason) throws InterruptedException {
        Instant deadline = Instant.now().plusSeconds(100);
        Reachability now = report().reachability();
        while (now.reason() != reason) {
            assertThat(Instant.now()).as(now.toString()).isBefore(deadline);
            changes.poll(1, TimeUnit.SECONDS);
            now = report().reachability();
        }
        return now;
    }

    @ParameterizedTest
    @EnumSource
    void a_peer_that_answers_is_reachable(TunnelMode mode) throws Exception {
        assertThat(probe(mode, true).reason()).isEqualTo(ReachabilityReason.STARTING);

        assertThat(await(ReachabilityReason.PEER_ANSWERS).message())
                .isEqualTo(
                        mode.inner() == IpFamily.IPV4
                                ? "10.9.0.2 answers, also packets of " + Iproute2.mtu("tun")
                                        + " bytes, the tunnel's MTU"
                                : "fd09::2 answers, also packets of " + Iproute2.mtu("tun")
                                        + " bytes, the tunnel's MTU");
        assertThat(report().counts().roundTrip()).isPresent();
        assertThat(report().pathMtu()).hasValue(Iproute2.mtu("tun"));
        assertThat(prober.heartbeat().trouble()).isEmpty();
    }

    /** Pitfall: protocol 4 or 41 is dropped, one way and both; a ping of the outer address would pass. */
    @ParameterizedTest
    @CsvSource({"IPIP, near", "SIT, near", "IP6IP6, near", "IPIP6, near", "IPIP, away", "SIT, away", "IPIP, both"})
    void a_protocol_that_is_dropped_on_the_way_is_no_reply(TunnelMode mode, String where) throws Exception {
        probe(mode, false);
        await(ReachabilityReason.PEER_ANSWERS);
        DistantPeer.silenceRouter();
        List<String> from = where.equals("both") ? List.of("near", "away") : List.of(where);

        from.forEach(side -> DistantPeer.drop(mode, side));

        assertThat(await(ReachabilityReason.NO_REPLY).message()).contains("does not answer");
        from.forEach(side -> DistantPeer.pass(mode, side));
        await(ReachabilityReason.PEER_ANSWERS);
    }

    @ParameterizedTest
    @EnumSource(names = {"IPIP", "IP6IP6", "IPIP6"})
    void a_peer_without_the_tunnel_sends_the_outer_packets_back(TunnelMode mode) throws Exception {
        probe(mode, false);
        await(ReachabilityReason.PEER_ANSWERS);

        DistantPeer.removeTunnel();

        assertThat(await(ReachabilityReason.ADDRESS_UNREACHABLE).message())
                .contains("come back as undeliverable; the other end may have no tunnel for them");
        DistantPeer.tunnel(mode);
        await(ReachabilityReason.PEER_ANSWERS);
    }

    /** Pitfall: the path's MTU is lowered in the middle, with and without ICMP. */
    @ParameterizedTest
    @CsvSource({
        "IPIP, true, 1380", "SIT, true, 1380", "IP6IP6, true, 1360", "IPIP6, true, 1360",
        "IPIP, false, 1380", "SIT, false, 1380", "IP6IP6, false, 1360", "IPIP6, false, 1360"
    })
    void a_path_mtu_that_is_lowered_in_the_middle_is_measured(TunnelMode mode, boolean tells, int fits)
            throws Exception {
        if (!tells) {
            DistantPeer.silenceRouter();
        }
        DistantPeer.mtu(1400);
        probe(mode, true);

        assertThat(await(ReachabilityReason.PATH_MTU_TOO_SMALL).message())
                .contains(
                        Iproute2.mtu("tun") + " bytes, the tunnel's MTU, do not pass",
                        fits + " do: write mtu: " + fits);
        assertThat(report().pathMtu()).hasValue(fits);
    }

    @Test
    void a_path_mtu_that_is_raised_again_is_found_in_a_minute() throws Exception {
        DistantPeer.mtu(1400);
        probe(TunnelMode.IPIP, true);
        await(ReachabilityReason.PATH_MTU_TOO_SMALL);

        DistantPeer.mtu(1500);
        // The kernel would believe the router for ten minutes.
        Iproute2.run("ip route flush cache");

        await(ReachabilityReason.PEER_ANSWERS);
    }

    /** Pitfall: without ping_group_range by UDP, or nothing is claimed. */
    @ParameterizedTest
    @EnumSource
    void a_node_that_allows_no_ICMP_sockets_asks_by_UDP(TunnelMode mode) throws Exception {
        Iproute2.run(List.of("sysctl", "-q", "-w", "net.ipv4.ping_group_range=1 0"));
        probe(mode, true);

        await(ReachabilityReason.PEER_ANSWERS);

        DistantPeer.silenceRouter();
        DistantPeer.drop(mode, "near");
        await(ReachabilityReason.NO_REPLY);
    }

    @Test
    void silence_by_UDP_from_the_start_claims_nothing() throws Exception {
        Iproute2.run(List.of("sysctl", "-q", "-w", "net.ipv4.ping_group_range=1 0"));
        DistantPeer.silenceRouter();
        DistantPeer.drop(TunnelMode.IPIP, "near");
        probe(TunnelMode.IPIP, false);

        assertThat(await(ReachabilityReason.PROBE_NOT_PERMITTED).message()).contains("net.ipv4.ping_group_range");

        allowEcho();
        await(ReachabilityReason.NO_REPLY);
    }

    @Test
    void a_tunnel_that_was_made_again_is_probed_through_its_new_interface() throws Exception {
        TunnelMode mode = TunnelMode.IPIP;
        probe(mode, false);
        await(ReachabilityReason.PEER_ANSWERS);
        Iproute2.batch("link delete dev tun");
        await(ReachabilityReason.NOT_PROGRAMMED);

        node.program(DistantPeer.near(mode));
        prober.probe("tun", subject(mode, settings(false)), Optional.empty());

        await(ReachabilityReason.PEER_ANSWERS);
    }

    @Test
    void a_tunnel_that_is_forgotten_is_asked_no_more() throws Exception {
        probe(TunnelMode.IPIP, false);
        await(ReachabilityReason.PEER_ANSWERS);

        prober.forget("tun");

        assertThat(prober.reports()).isEmpty();
        long before = Iproute2.statistics("tun").at("/tx/packets").asLong();
        Thread.sleep(2500);
        assertThat(Iproute2.statistics("tun").at("/tx/packets").asLong()).isEqualTo(before);
    }
}
