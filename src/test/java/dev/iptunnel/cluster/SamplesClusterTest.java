package dev.iptunnel.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** The manifests in deploy/samples, as they are, with what each is for: a broker, an AFTR, a balancer, two sites. */
@Tag("cluster")
@ExtendWith(DeployedOperator.class)
class SamplesClusterTest {
    private static final Cluster cluster = new Cluster();

    private static void apply(String sample) {
        cluster.command("kubectl", "apply", "-f", "deploy/samples/" + sample);
        cluster.command("kubectl", "wait", "--for=condition=Ready", "iptunnels", "--all", "--timeout=180s");
    }

    /** A network namespace, the far end of an interface of the node's. */
    private static void line(String node, String namespace, String interfaceName) {
        cluster.script(
                node,
                """
                ip netns add %1$s
                ip link add %2$s type veth peer name line netns %1$s
                ip link set %2$s up
                ip -n %1$s link set line up
                ip -n %1$s link set lo up
                """
                        .formatted(namespace, interfaceName));
    }

    @AfterEach
    void remove_the_far_ends() {
        for (String node : DeployedOperator.NODES) {
            cluster.script(
                    node,
                    """
                    for namespace in broker aftr site; do ip netns delete $namespace 2>/dev/null || true; done
                    for device in ppp0 wan0 site0 balance; do ip link delete $device 2>/dev/null || true; done
                    """);
        }
    }

    @Test
    void a_broker_s_tunnel_reaches_the_IPv6_Internet_also_when_the_line_has_another_address() {
        line("node1", "broker", "ppp0");
        cluster.script("node1", "ip address add 198.51.100.7/32 peer 203.0.113.6 dev ppp0");
        cluster.script(
                "node1",
                """
                ip -n broker address add 203.0.113.6/32 dev line
                ip -n broker route add 198.51.100.0/24 dev line
                ip -n broker tunnel add customer mode sit local 203.0.113.6 remote 198.51.100.7
                ip -n broker address add 2001:db8:6::1/64 dev customer
                ip -n broker link set customer up
                ip -n broker address add 2001:db8:f::1/128 dev lo
                """);
        apply("broker-6in4.yaml");
        int ifindex = cluster.ifindex("node1", "broker");
        Ping.assertAnswers(cluster, "node1", "2001:db8:f::1");

        cluster.script(
                "node1",
                """
                ip address delete 198.51.100.7/32 peer 203.0.113.6 dev ppp0
                ip address add 198.51.100.8/32 peer 203.0.113.6 dev ppp0
                ip -n broker tunnel change customer remote 198.51.100.8
                """);

        cluster.await("the new address", () -> "198.51.100.8"
                .equals(cluster.status("broker").local()));
        assertThat(cluster.awaitReady("broker")).isEqualTo(ifindex);
        Ping.assertAnswers(cluster, "node1", "2001:db8:f::1");
    }

    @Test
    void DS_Lite_reaches_the_IPv4_Internet_over_a_line_of_IPv6() {
        line("node1", "aftr", "wan0");
        cluster.script(
                "node1",
                """
                ip address add 2001:db8:bb::7/64 dev wan0 nodad
                ip -n aftr address add 2001:db8:bb::1/64 dev line nodad
                ip -n aftr address add 2001:db8:aa::1/128 dev lo
                ip route add 2001:db8:aa::1/128 via 2001:db8:bb::1
                ip -n aftr tunnel add customer mode ipip6 encaplimit none local 2001:db8:aa::1 remote 2001:db8:bb::7
                ip -n aftr address add 192.0.0.1/29 dev customer
                ip -n aftr link set customer up
                ip -n aftr address add 198.51.100.1/32 dev lo
                """);

        apply("ds-lite.yaml");

        Ping.assertAnswers(cluster, "node1", "-I ds-lite 198.51.100.1");
        assertThat(cluster.exec("node1", "ip route get 198.51.100.1")).contains("dev vec0");
    }

    @Test
    void a_back_end_answers_a_balancer_s_clients_past_the_balancer() {
        apply("direct-server-return.yaml");

        cluster.script(
                "node2",
                """
                ip tunnel add balance mode ipip local 10.77.0.2 remote 10.77.0.1
                ip link set balance up
                ip route add 192.0.2.80/32 dev balance src 10.77.0.2
                """);

        Ping.assertAnswers(cluster, "node2", "192.0.2.80");
        assertThat(packets("rx")).isEqualTo(3);
        assertThat(packets("tx")).isZero();
    }

    private static int packets(String direction) {
        String file = "/sys/class/net/dsr-node1/statistics/" + direction + "_packets";
        return Integer.parseInt(cluster.exec("node1", "cat " + file).strip());
    }

    @Test
    void two_sites_reach_each_other_through_their_gateways() {
        site("node1", "fd00:a:");
        site("node2", "fd00:b:");

        apply("site-to-site.yaml");

        Ping.assertAnswersFrom(cluster, "node1", "site", "fd00:b::2");
    }

    private static void site(String node, String network) {
        line(node, "site", "site0");
        cluster.script(
                node,
                """
                echo 1 >/proc/sys/net/ipv6/conf/all/forwarding
                ip address add %1$s:1/64 dev site0 nodad
                ip -n site address add %1$s:2/64 dev line nodad
                ip -n site route add default via %1$s:1
                """
                        .formatted(network));
    }

    @Test
    void a_pair_of_nodes_reach_each_other() {
        apply("node-pair.yaml");

        Ping.assertAnswers(cluster, "node1", "192.168.9.2");
        Ping.assertAnswers(cluster, "node2", "192.168.9.1");
    }
}
