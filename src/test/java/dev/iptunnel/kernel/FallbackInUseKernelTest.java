package dev.iptunnel.kernel;

import static dev.iptunnel.kernel.TunnelNode.tunnel;
import static org.assertj.core.api.Assertions.assertThat;

import dev.iptunnel.plan.Plan;
import dev.iptunnel.plan.Reason;
import dev.iptunnel.plan.Refusal;
import dev.iptunnel.tunnel.DesiredTunnelBuilder;
import dev.iptunnel.tunnel.FallbackPolicy;
import dev.iptunnel.tunnel.TunnelDriver;
import dev.iptunnel.tunnel.TunnelMode;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Case 8 of ownership: somebody, a CNI as a rule, exchanges packets with the remote by a device for all remotes. */
@Tag("kernel")
class FallbackInUseKernelTest {
    @RegisterExtension
    @Order(1)
    final TunnelNode node = new TunnelNode();

    @RegisterExtension
    @Order(2)
    final Peer peer = new Peer();

    @AfterEach
    void the_fallback_devices_are_as_they_come() {
        Iproute2.batch(
                "link set tunl0 down",
                "link set sit0 down",
                "link set ip6tnl0 down",
                "address flush dev tunl0",
                "address flush dev sit0",
                "address flush dev ip6tnl0");
    }

    @ParameterizedTest
    @CsvSource({
        "IPIP, tunl0, 10.244.0.1/32, 10.244.1.0/26, 10.244.1.1/32, 192.0.2.2, 192.0.2.1",
        "SIT, sit0, fd44::1/128, fd44:1::/64, fd44:1::1/128, ::192.0.2.2, ::192.0.2.1",
    })
    void traffic_through_the_fallback_device_goes_on_and_the_tunnel_is_refused(
            TunnelMode mode, String device, String pod, String pods, String farPod, String far, String near) {
        Iproute2.batch(
                "link set " + device + " up",
                "address add " + pod + " dev " + device,
                "route add " + pods + " via " + far + " dev " + device + " onlink");
        Peer.run(
                "link set " + device + " up",
                "address add " + farPod + " dev " + device,
                "route add " + pod + " via " + near + " dev " + device + " src " + farPod.split("/", -1)[0]
                        + " onlink");
        String before = Iproute2.device(device);

        Pings pings = Peer.pingWhile(pod.split("/", -1)[0], () -> {
            Refusal refusal = node.refusal(tunnel("tun", mode));
            assertThat(refusal.reason()).isEqualTo(Reason.FALLBACK_IN_USE);
            assertThat(refusal.message()).contains(device).contains(pods);
        });

        assertThat(pings.lost()).as(pings.toString()).isZero();
        assertThat(Iproute2.device(device)).isEqualTo(before);
        node.program(tunnel("tun", mode).fallbackPolicy(FallbackPolicy.TAKE_OVER));
        assertThat(Iproute2.exists("tun")).isTrue();
    }

    /**
     * Of ip6tnl0, which takes packets and sends none (for it has no local address); IPv6 takes such a gateway only where
     * the node's own way to it is the default route.
     */
    @Test
    void traffic_out_of_the_fallback_device_of_ip6tnl_goes_on_too() {
        // Neighbours are looked for from these; the kernel's own are not to be used yet.
        Iproute2.batch("address add fe80::1/64 dev under0 nodad");
        Peer.run("address add fe80::2/64 dev wire nodad");
        Iproute2.batch(
                "route add default via 2001:db8::2 dev under0",
                "link set ip6tnl0 up",
                "address add fd44::1/128 dev ip6tnl0",
                "route add fd44:1::/64 via 2001:db8:f::2 dev ip6tnl0 onlink",
                "route add fd44:1::1/128 via 2001:db8::2 dev under0");
        Peer.run("address add 2001:db8:f::2/128 dev lo", "address add fd44:1::1/128 dev lo");
        Peer.tunnel(TunnelMode.IP6IP6, "local 2001:db8:f::2 remote 2001:db8::1");
        Peer.run("route add fd44::1/128 dev far src fd44:1::1");

        Pings pings = Peer.pingWhile("fd44::1", () -> {
            Refusal refusal = node.refusal(tunnel("tun", TunnelMode.IP6IP6).remote("2001:db8:f::2"));
            assertThat(refusal.reason()).isEqualTo(Reason.FALLBACK_IN_USE);
        });

        assertThat(pings.lost()).as(pings.toString()).isZero();
        node.program(tunnel("tun", TunnelMode.IP6IP6).remote("2001:db8:f::2").fallbackPolicy(FallbackPolicy.TAKE_OVER));
    }

    @Test
    void a_tunnel_to_another_remote_does_not_disturb_the_fallback_device() {
        Iproute2.batch(
                "link set tunl0 up",
                "address add 10.244.0.1/32 dev tunl0",
                "route add 10.244.1.0/26 via 192.0.2.2 dev tunl0 onlink");
        Peer.run(
                "link set tunl0 up",
                "address add 10.244.1.1/32 dev tunl0",
                "route add 10.244.0.1/32 via 192.0.2.1 dev tunl0 src 10.244.1.1 onlink");

        Pings pings = Peer.pingWhile(
                "10.244.0.1", () -> node.program(tunnel("tun", TunnelMode.IPIP).remote("192.0.2.9")));

        assertThat(pings.lost()).as(pings.toString()).isZero();
    }

    @Test
    void traffic_through_an_external_device_goes_on_and_the_tunnel_is_refused() {
        Iproute2.batch(
                "link add ext type ipip external",
                "link set ext up",
                "address add 10.244.0.1/32 dev ext",
                "route add 10.244.1.0/26 encap ip id 0 src 192.0.2.1 dst 192.0.2.2 ttl 64 dev ext");
        Peer.tunnel(TunnelMode.IPIP);
        Peer.run("address add 10.244.1.1/32 dev far", "route add 10.244.0.1/32 dev far src 10.244.1.1");

        Pings pings = Peer.pingWhile("10.244.0.1", () -> {
            Refusal refusal = node.refusal(tunnel("tun", TunnelMode.IPIP));
            assertThat(refusal.reason()).isEqualTo(Reason.FALLBACK_IN_USE);
            assertThat(refusal.message()).contains("interface ext (external)");
        });

        assertThat(pings.lost()).as(pings.toString()).isZero();
        node.program(tunnel("tun", TunnelMode.IPIP).fallbackPolicy(FallbackPolicy.TAKE_OVER));
    }

    @Test
    void an_external_device_of_ip6tnl_is_one_too() {
        Iproute2.batch("link add ext type ip6tnl external", "link set ext up");

        assertThat(node.refusal(tunnel("tun", TunnelMode.IP6IP6)).reason()).isEqualTo(Reason.FALLBACK_IN_USE);
        node.program(tunnel("tun", TunnelMode.IP6IP6).fallbackPolicy(FallbackPolicy.TAKE_OVER));
    }

    /** As Calico does: pods behind the peer, reached through tunl0. */
    private static void theCniStarts() {
        Iproute2.batch(
                "link set tunl0 up",
                "address add 10.244.0.1/32 dev tunl0",
                "route add 10.244.1.0/26 via 192.0.2.2 dev tunl0 onlink proto bird");
    }

    private static void theFarCniStarts() {
        Peer.run(
                "link set tunl0 up",
                "address add 10.244.1.1/32 dev tunl0",
                "route add 10.244.0.1/32 via 192.0.2.1 dev tunl0 src 10.244.1.1 onlink");
    }

    private static DesiredTunnelBuilder ofAnyRemote(TunnelMode mode) {
        return tunnel("tun", mode).remote("any").parent(Optional.empty());
    }

    @Test
    void a_tunnel_of_any_remote_is_refused_where_a_cni_sends_through_the_fallback_device() {
        theCniStarts();
        theFarCniStarts();

        Pings pings = Peer.pingWhile("10.244.0.1", () -> {
            Refusal refusal = node.refusal(ofAnyRemote(TunnelMode.IPIP));
            assertThat(refusal.reason()).isEqualTo(Reason.FALLBACK_IN_USE);
            assertThat(refusal.message()).contains("10.244.1.0/26 via 192.0.2.2 dev tunl0");
        });

        assertThat(pings.lost()).as(pings.toString()).isZero();
    }

    @ParameterizedTest
    @CsvSource({"IPIP, tunl0, 198.18.0.1/32", "SIT, sit0, fd44::1/128", "IP6IP6, ip6tnl0, fd44::1/128"})
    void a_tunnel_of_any_remote_is_refused_where_the_fallback_device_has_an_address_to_be_sent_to(
            TunnelMode mode, String device, String address) {
        Iproute2.batch("link set " + device + " up", "address add " + address + " dev " + device);

        Refusal refusal = node.refusal(ofAnyRemote(mode));

        assertThat(refusal.reason()).isEqualTo(Reason.FALLBACK_IN_USE);
        assertThat(refusal.message()).contains("address " + address + " dev " + device);
    }

    @ParameterizedTest
    @CsvSource({"IPIP, tunl0", "SIT, sit0", "IP6IP6, ip6tnl0"})
    void a_tunnel_of_any_remote_is_made_where_the_fallback_device_is_up_and_has_nothing_of_anybody(
            TunnelMode mode, String device) {
        Iproute2.batch("link set " + device + " up");

        node.program(ofAnyRemote(mode));

        assertThat(node.obstacle(ofAnyRemote(mode))).isEmpty();
    }

    @Test
    void a_tunnel_that_was_there_first_stays_and_says_that_it_takes_the_packets_of_a_cni_that_came_later() {
        node.program(tunnel("tun", TunnelMode.IPIP));
        String before = Iproute2.device("tun");

        theCniStarts();

        assertThat(node.program(tunnel("tun", TunnelMode.IPIP))).isEmpty();
        assertThat(Iproute2.device("tun")).isEqualTo(before);
        assertThat(node.obstacle(tunnel("tun", TunnelMode.IPIP)))
                .map(Refusal::reason)
                .contains(Reason.FALLBACK_IN_USE);
        Iproute2.batch("route del 10.244.1.0/26 dev tunl0");
        assertThat(node.obstacle(tunnel("tun", TunnelMode.IPIP))).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"192.0.2.2", "any"})
    void a_tunnel_that_yields_gives_its_endpoints_up_and_has_them_back_afterwards(String remote) {
        DesiredTunnelBuilder yielding = tunnel("tun", TunnelMode.IPIP)
                .remote(remote)
                .parent(Optional.empty())
                .fallbackPolicy(FallbackPolicy.YIELD);
        node.program(yielding);
        int ifindex = Iproute2.ifindex("tun");

        theCniStarts();
        theFarCniStarts();
        node.kernel.execute((Plan) node.plan(yielding));

        assertThat(node.refusal(yielding).reason()).isEqualTo(Reason.FALLBACK_IN_USE);
        Pings pings = Peer.pingWhile("10.244.0.1", () -> assertThat(Iproute2.run("ip -d link show tun"))
                .contains("local 240."));
        assertThat(pings.lost()).as(pings.toString()).isZero();

        Iproute2.batch("route del 10.244.1.0/26 dev tunl0", "address flush dev tunl0");
        node.program(yielding);

        assertThat(Iproute2.ifindex("tun")).isEqualTo(ifindex);
        assertThat(Iproute2.run("ip -d link show tun")).contains("local 192.0.2.1");
        assertThat(node.obstacle(yielding)).isEmpty();
    }

    /** Routes of other daemons are not listened to, but for those out of such a device. */
    @ParameterizedTest
    @CsvSource({
        "route add 10.244.1.0/26 via 192.0.2.2 dev tunl0 onlink proto bird",
        "address add 10.244.0.1/32 dev tunl0",
        "link add ext type ipip external",
    })
    void what_comes_to_the_fallback_device_later_is_told(String command) throws InterruptedException {
        Iproute2.batch("link set tunl0 up");
        BlockingQueue<KernelEvent> events = new LinkedBlockingQueue<>();
        node.kernel.watch(events::add);

        Iproute2.batch(command);

        KernelEvent event = events.poll(30, TimeUnit.SECONDS);
        while (event != null && !event.equals(new KernelEvent.FallbackChanged(TunnelDriver.IPIP))) {
            event = events.poll(30, TimeUnit.SECONDS);
        }
        assertThat(event).isNotNull();
    }
}
