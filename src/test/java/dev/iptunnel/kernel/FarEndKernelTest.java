package dev.iptunnel.kernel;

import static dev.iptunnel.kernel.TunnelNode.tunnel;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.iptunnel.kernel.linux.LinuxTunnelKernel;
import dev.iptunnel.observation.Observation;
import dev.iptunnel.plan.Decision;
import dev.iptunnel.plan.Plan;
import dev.iptunnel.readiness.Readiness;
import dev.iptunnel.tunnel.DesiredTunnelBuilder;
import dev.iptunnel.tunnel.TunnelMode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What the other end of a tunnel can change on the node by packets of its own. */
@Tag("kernel")
class FarEndKernelTest {
    @RegisterExtension
    @Order(1)
    final TunnelNode node = new TunnelNode();

    @RegisterExtension
    @Order(2)
    final Peer peer = new Peer();

    private static String setting(String name) {
        return Iproute2.run("sysctl -n net.ipv6.conf." + name).strip();
    }

    private static void trust(String device) {
        Iproute2.run("sysctl -q -w net.ipv6.conf." + device + ".accept_ra=1 net.ipv6.conf." + device
                + ".accept_redirects=1");
    }

    /** What a router advertisement added out of the tunnel, if anything, and whatever else was there. */
    private static String routes() {
        return Iproute2.run("ip -6 route show dev tun proto ra") + Iproute2.run("ip -6 address show dev tun dynamic");
    }

    /** From the other end, with the prefix 2001:db8:bad::/64; and a packet behind them that is answered. */
    private static void advertise(TunnelMode mode) {
        FarEnd.advertise();
        assertThat(Peer.ping(Peer.inner(mode)).answered()).isPositive();
    }

    private Optional<String> remark(DesiredTunnelBuilder desired, LinuxTunnelKernel kernel) {
        return Readiness.remark(desired.build(), kernel.observe(desired.build()));
    }

    @ParameterizedTest
    @EnumSource(names = {"SIT", "IP6IP6"})
    void a_router_advertisement_adds_a_default_route_where_nobody_refuses_it(TunnelMode mode) throws Exception {
        node.program(tunnel("tun", mode));
        trust("tun");
        Peer.tunnel(mode);

        advertise(mode);

        Instant deadline = Instant.now().plusSeconds(20);
        while (!routes().contains("default via fe80::2") || !routes().contains("2001:db8:bad:")) {
            assertThat(Instant.now()).as(routes()).isBefore(deadline);
            Thread.sleep(20);
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"SIT", "IP6IP6"})
    void a_router_advertisement_changes_nothing_on_a_tunnel_of_ours(TunnelMode mode) {
        node.program(tunnel("tun", mode));
        Peer.tunnel(mode);

        advertise(mode);

        assertThat(routes()).isEmpty();
        assertThat(setting("tun.accept_ra")).isEqualTo("0");
        assertThat(setting("tun.accept_redirects")).isEqualTo("0");
        assertThat(remark(tunnel("tun", mode), node.kernel)).isEmpty();
    }

    @ParameterizedTest
    @EnumSource(names = {"SIT", "IP6IP6"})
    void a_redirect_changes_the_gateway_of_a_route_through_the_tunnel_where_nobody_refuses_it(TunnelMode mode)
            throws InterruptedException {
        node.program(tunnel("tun", mode));
        Peer.tunnel(mode);
        Iproute2.run("ip -6 route add 2001:db8:ffff::/48 via fe80::4 dev tun");
        assertThat(Peer.ping("fd09::1").answered()).isPositive();

        FarEnd.redirect("fe80::4", "fe80::dead", "2001:db8:ffff::1");
        assertThat(Peer.ping("fd09::1").answered()).isPositive();

        assertThat(Iproute2.run("ip -6 route get 2001:db8:ffff::1")).contains("via fe80::4");

        trust("tun");
        FarEnd.redirect("fe80::4", "fe80::dead", "2001:db8:ffff::1");

        awaitGateway("2001:db8:ffff::1", "fe80::dead");
    }

    /** What the README says of the setting that is left alone. */
    @ParameterizedTest
    @CsvSource({"1, 1, 0, true", "0, 1, 0, true", "0, 0, 0, false", "1, 0, 1, false", "0, 1, 1, false", "1, 1, 1, true"
    })
    void a_redirect_of_IPv4_counts_as_both_settings_and_forwarding_say(
            int ofTunnel, int ofAll, int forwarding, boolean taken) throws InterruptedException {
        node.program(tunnel("tun", TunnelMode.IPIP));
        Peer.tunnel(TunnelMode.IPIP);
        Iproute2.run("ip route add 203.0.113.0/24 via 192.0.2.3 dev under0");
        assertThat(Peer.ping("192.0.2.1").answered()).isPositive();
        assertThat(Peer.ping("10.9.0.1").answered()).isPositive();
        try {
            Iproute2.run("sysctl -q -w net.ipv4.ip_forward=" + forwarding + " net.ipv4.conf.all.accept_redirects="
                    + ofAll + " net.ipv4.conf.tun.accept_redirects=" + ofTunnel);

            FarEnd.redirect("192.0.2.3", "192.0.2.2", "203.0.113.77");
            assertThat(Peer.ping("10.9.0.1").answered()).isPositive();

            if (taken) {
                awaitGateway("203.0.113.77", "192.0.2.2");
            } else {
                assertThat(Iproute2.run("ip route get 203.0.113.77")).contains("via 192.0.2.3");
            }
        } finally {
            Iproute2.run("sysctl -q -w net.ipv4.ip_forward=0 net.ipv4.conf.all.accept_redirects=1");
        }
    }

    private static void awaitGateway(String destination, String gateway) throws InterruptedException {
        Instant deadline = Instant.now().plusSeconds(20);
        while (!Iproute2.run("ip route get " + destination).contains("via " + gateway)) {
            assertThat(Instant.now()).isBefore(deadline);
            Thread.sleep(20);
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"SIT", "IP6IP6"})
    void the_agent_that_is_started_again_finds_nothing_to_do(TunnelMode mode) {
        node.program(tunnel("tun", mode));
        try (LinuxTunnelKernel restarted =
                LinuxTunnelKernel.open(List.of(), List.of(), LinuxTunnelKernel.SYSCTLS, (_, _) -> {})) {
            assertThat(node.plan(tunnel("tun", mode), restarted)).hasToString("");

            trust("tun");

            node.program(tunnel("tun", mode), restarted);
        }
        assertThat(setting("tun.accept_ra")).isEqualTo("0");
    }

    @ParameterizedTest
    @EnumSource(names = {"SIT", "IP6IP6"})
    void a_new_tunnel_refuses_them_before_it_goes_up(TunnelMode mode) {
        node.program(tunnel("tun", mode));

        assertThat(node.operations).startsWith("AddTunnel 0", "ClearInet6Conf 0", "ClearInet6Conf 0", "SetLink 0");
    }

    @ParameterizedTest
    @ValueSource(strings = {"all", "default"})
    void what_is_of_all_interfaces_stays(String whose) {
        node.program(tunnel("tun", TunnelMode.SIT));

        assertThat(setting(whose + ".accept_ra")).isEqualTo("1");
        assertThat(setting(whose + ".accept_redirects")).isEqualTo("1");
    }

    @ParameterizedTest
    @ValueSource(strings = {"all", "default"})
    void no_interface_has_the_name_of_what_is_of_all_interfaces(String name) {
        Iproute2.tries(List.of("link add " + name + " type sit remote 192.0.2.2", "link set under1 name " + name));

        assertThat(Iproute2.interfaceNames()).doesNotContain(name);
    }

    @ParameterizedTest
    @ValueSource(strings = {"a.b", "ipv6.conf"})
    void a_name_with_dots_is_one_name(String name) throws IOException {
        node.program(tunnel("tun", TunnelMode.SIT).interfaceName(name));

        assertThat(Files.readString(Path.of("/proc/sys/net/ipv6/conf", name, "accept_ra")))
                .isEqualToIgnoringWhitespace("0");
    }

    @ParameterizedTest
    @EnumSource(names = {"IPIP", "IPIP6"})
    void tunnels_that_carry_no_IPv6_are_left_alone(TunnelMode mode) {
        node.program(tunnel("tun", mode));

        assertThat(node.operations).noneMatch(operation -> operation.startsWith("ClearInet6Conf"));
    }

    @ParameterizedTest
    @EnumSource(names = {"SIT", "IP6IP6"})
    void a_setting_that_somebody_changed_is_found_and_put_back(TunnelMode mode) throws InterruptedException {
        BlockingQueue<KernelEvent> events = new LinkedBlockingQueue<>();
        DesiredTunnelBuilder desired = tunnel("tun", mode);
        node.program(desired);
        node.observeSettled(desired.build());
        node.kernel.watch(events::add);
        Instant deadline = Instant.now().plusSeconds(30);
        while (node.kernel.recall(desired.build()).isEmpty()) {
            assertThat(Instant.now()).isBefore(deadline);
            Thread.sleep(5);
        }
        trust("tun");

        node.kernel.resync();

        Observation told = node.kernel.recall(desired.build()).orElseThrow();
        assertThat(told).isEqualTo(node.kernel.observe(desired.build()));
        assertThat(node.plan(desired))
                .hasToString(
                        "sysctl -w net.ipv6.conf.tun.accept_ra=0\nsysctl -w net.ipv6.conf.tun.accept_redirects=0\n");
        node.program(desired);
        assertThat(setting("tun.accept_ra")).isEqualTo("0");
    }

    @Test
    void a_tunnel_that_is_changed_to_carry_IPv6_refuses_them() {
        node.program(tunnel("tun", TunnelMode.IPIP6));
        assertThat(setting("tun.accept_ra")).isEqualTo("1");

        node.program(tunnel("tun", TunnelMode.IP6IP6));

        assertThat(setting("tun.accept_ra")).isEqualTo("0");
    }

    @Test
    void a_directory_that_is_missing_costs_no_more_than_the_refusal(@TempDir Path empty) {
        DesiredTunnelBuilder desired = tunnel("tun", TunnelMode.SIT);
        try (LinuxTunnelKernel kernel = LinuxTunnelKernel.open(List.of(), List.of(), empty, (_, _) -> {})) {
            node.program(desired, kernel);

            assertThat(node.plan(desired, kernel)).hasToString("");
            assertThat(remark(desired, kernel)).hasValueSatisfying(remark -> assertThat(remark)
                    .contains("net.ipv6.conf.tun.accept_ra")
                    .contains("deploy/base"));
        }
        assertThat(setting("tun.accept_ra")).isEqualTo("1");

        node.program(desired);

        assertThat(setting("tun.accept_ra"))
                .as("of an agent that was given the directory")
                .isEqualTo("0");
    }

    @Test
    void a_write_to_a_directory_without_the_file_is_not_tried_again_at_once(@TempDir Path directory)
            throws IOException {
        DesiredTunnelBuilder desired = tunnel("tun", TunnelMode.SIT);
        Files.createDirectories(directory.resolve("conf/default"));
        Files.createFile(directory.resolve("conf/default/accept_ra"));
        try (LinuxTunnelKernel kernel = LinuxTunnelKernel.open(List.of(), List.of(), directory, (_, _) -> {})) {
            try {
                node.program(desired, kernel);
            } catch (KernelException e) {
                assertThat(e.isOfParts()).isTrue();
                assertThat(e.detail()).contains("net.ipv6.conf.tun.accept_ra=0");
            }

            node.program(desired, kernel);

            assertThat(remark(desired, kernel)).isPresent();
        }
    }

    @Test
    void a_write_that_fails_for_another_reason_is_tried_again(@TempDir Path directory) throws IOException {
        DesiredTunnelBuilder desired = tunnel("tun", TunnelMode.SIT);
        Path acceptRa = directory.resolve("conf/tun/accept_ra");
        Files.createDirectories(directory.resolve("conf/default"));
        Files.createFile(directory.resolve("conf/default/accept_ra"));
        Files.createDirectories(acceptRa);
        Files.createFile(acceptRa.resolveSibling("accept_redirects"));
        try (LinuxTunnelKernel kernel = LinuxTunnelKernel.open(List.of(), List.of(), directory, (_, _) -> {})) {
            assertThatThrownBy(() -> node.program(desired, kernel))
                    .isInstanceOfSatisfying(KernelException.class, e -> assertThat(e.isOfParts())
                            .isTrue())
                    .hasMessageContaining("net.ipv6.conf.tun.accept_ra=0");
            Files.delete(acceptRa);
            Files.createFile(acceptRa);

            assertThat(node.plan(desired, kernel).toString()).contains("net.ipv6.conf.tun.accept_ra=0");
        }
    }

    @Test
    void a_renamed_interface_s_successor_is_not_written_to() {
        DesiredTunnelBuilder desired = tunnel("tun", TunnelMode.SIT);
        node.program(desired);
        trust("tun");
        Decision plan = node.plan(desired);
        Iproute2.batch(
                "link set tun down", "link set tun name gone", "link set under1 down", "link set under1 name tun");

        try {
            node.kernel.execute((Plan) plan);
            throw new AssertionError("executed");
        } catch (KernelException e) {
            assertThat(e.detail()).contains("the interface changed");
        }

        assertThat(setting("tun.accept_ra")).as("of another's").isEqualTo("1");
    }
}
