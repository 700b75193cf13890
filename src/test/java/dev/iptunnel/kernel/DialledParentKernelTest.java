package dev.iptunnel.kernel;

import static dev.iptunnel.kernel.TunnelNode.tunnel;
import static org.assertj.core.api.Assertions.assertThat;

import dev.iptunnel.plan.Reason;
import dev.iptunnel.tunnel.DesiredTunnelBuilder;
import dev.iptunnel.tunnel.LocalAddress;
import dev.iptunnel.tunnel.TunnelMode;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A parent that pppd dials: it comes and goes, and has another address each time. */
@Tag("kernel")
class DialledParentKernelTest {
    private static final Duration DIALLING = Duration.ofSeconds(60);

    @RegisterExtension
    @Order(1)
    final TunnelNode node = new TunnelNode();

    @RegisterExtension
    @Order(2)
    final Peer peer = new Peer();

    private @Nullable Process pppd;

    /** Both ends: the peer's pppd is at the other side of a terminal. */
    private void dial(String local) throws IOException, InterruptedException {
        String options = " nodetach noauth local nodeflate nobsdcomp novj nodefaultroute";
        String far = "nsenter --net=/run/netns/" + Peer.NAMESPACE + " pppd notty" + options + " 198.18.0.2:" + local;
        pppd = new ProcessBuilder(List.of(
                        "bash",
                        "-c",
                        "exec pppd unit 9" + options + " mtu 1492 mru 1492 " + local + ":198.18.0.2 pty '" + far + "'"))
                .redirectErrorStream(true)
                .start();
        Instant deadline = Instant.now().plus(DIALLING);
        while (!isDialled(local)) {
            assertThat(Instant.now()).as("pppd dials").isBefore(deadline);
            Thread.sleep(200);
        }
    }

    /** Each end configures itself, in any order. */
    private static boolean isDialled(String local) {
        return Iproute2.exists("ppp9")
                && Iproute2.addresses("ppp9").contains(local + "/32")
                && Iproute2.run("ip -netns " + Peer.NAMESPACE + " route show").contains(local + " dev ppp");
    }

    @AfterEach
    void hang_up() throws InterruptedException {
        if (pppd != null) {
            pppd.destroy();
            pppd.waitFor();
        }
    }

    @Test
    void the_tunnel_follows_the_address_and_the_interface_of_each_dialling() throws IOException, InterruptedException {
        DesiredTunnelBuilder desired = tunnel("tun", TunnelMode.IPIP)
                .parent("ppp9")
                .local(new LocalAddress.OfInterface("ppp9"))
                .remote("198.18.0.2");
        assertThat(node.refusal(desired).reason()).isEqualTo(Reason.PARENT_NOT_FOUND);
        dial("198.18.0.1");

        node.program(desired);

        Peer.tunnel(TunnelMode.IPIP, "local 198.18.0.2 remote 198.18.0.1");
        assertThat(Peer.ping("10.9.0.1").lost()).isZero();
        assertThat(Iproute2.mtu("tun")).isEqualTo(1472);
        int ifindex = Iproute2.ifindex("tun");
        int parent = Iproute2.ifindex("ppp9");

        hang_up();
        assertThat(node.refusal(desired).reason()).isEqualTo(Reason.PARENT_NOT_FOUND);
        dial("198.18.0.77");
        node.program(desired);

        assertThat(Iproute2.ifindex("ppp9")).isNotEqualTo(parent);
        assertThat(Iproute2.ifindex("tun")).isEqualTo(ifindex);
        assertThat(Iproute2.parameters("tun").get("local").asText()).isEqualTo("198.18.0.77");
        Peer.run("link change far type ipip local 198.18.0.2 remote 198.18.0.77 ttl 64");
        assertThat(Peer.ping("10.9.0.1").lost()).isZero();
    }
}
