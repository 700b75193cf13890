package dev.iptunnel.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import dev.iptunnel.api.IpTunnels;
import dev.iptunnel.api.v1alpha1.IpTunnelSpec;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Routes through tunnels, and local addresses that are found on the node. */
@Tag("cluster")
@ExtendWith(DeployedOperator.class)
class RoutesClusterTest {
    private static final Cluster cluster = new Cluster();

    private static IpTunnelSpec routed(int node, String destination) {
        return IpTunnels.with(
                Cluster.ipip(node, "192.168.50." + node + "/30"),
                "interfaceName: routed\nroutes: [{destination: " + destination + "}]");
    }

    @Test
    void the_networks_behind_two_nodes_reach_each_other() {
        for (int node = 1; node <= 2; node++) {
            cluster.script(
                    "node" + node,
                    """
                    echo 1 >/proc/sys/net/ipv4/ip_forward
                    ip netns add site
                    ip link add site0 type veth peer name eth0 netns site
                    ip address add 172.20.%1$d.1/24 dev site0
                    ip link set site0 up
                    ip -n site address add 172.20.%1$d.2/24 dev eth0
                    ip -n site link set eth0 up
                    ip -n site route add default via 172.20.%1$d.1
                    """
                            .formatted(node));
        }
        try {
            cluster.create("routed1", routed(1, "172.20.2.0/24"));
            cluster.create("routed2", routed(2, "172.20.1.0/24"));

            cluster.awaitReady("routed1");
            cluster.awaitReady("routed2");

            Ping.assertAnswersFrom(cluster, "node1", "site", "172.20.2.2");
            cluster.change("routed1", "routes: null");
            cluster.awaitReady("routed1");
            assertThat(cluster.exec("node1", "ip route show dev routed")).doesNotContain("172.20.2.0/24");
        } finally {
            DeployedOperator.NODES.forEach(node -> cluster.script(node, "ip link delete site0; ip netns delete site"));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"0.0.0.0/1", "0.0.0.0/0"})
    void a_route_that_would_cut_the_node_off_is_refused(String destination) {
        String before = cluster.exec("node1", "ip route show default");

        cluster.create("routed1", routed(1, destination));

        cluster.awaitCondition("routed1", "Stalled", "True", "RouteWouldIsolateNode");
        assertThat(cluster.exec("node1", "ip route show default")).isEqualTo(before);
        assertThat(cluster.exec("node1", "ip route get 10.96.0.1")).contains("dev vec0");
        cluster.change("routed1", "routes: null");
        cluster.awaitReady("routed1");
    }

    @ParameterizedTest
    @CsvSource({"ipip, 10.77.0.2, 10.77.0.1", "ip6ip6, 'fd77::2', 'fd77::1'"})
    void the_local_address_can_be_the_nodes_own(String mode, String remote, String local) {
        cluster.create(
                "own",
                IpTunnels.spec(
                        """
                        nodeName: node1
                        mode: %s
                        localFrom: {type: NodeAddress}
                        remote: "%s"
                        """,
                        mode, remote));

        cluster.awaitReady("own");

        assertThat(cluster.status("own").local()).isEqualTo(local);
    }

    @Test
    void the_local_address_follows_an_interface_in_place() {
        cluster.script(
                "node1",
                "ip link add wan0 type veth peer name wan1; ip link set wan1 up; ip link set wan0 up;"
                        + "ip address add 10.99.0.1/24 dev wan0");
        try {
            cluster.create(
                    "follows",
                    IpTunnels.spec(
                            """
                            nodeName: node1
                            mode: ipip
                            localFrom: {type: Interface, interfaceName: wan0}
                            remote: 10.77.0.2
                            """));
            int ifindex = cluster.awaitReady("follows");
            assertThat(cluster.status("follows").local()).isEqualTo("10.99.0.1");
            cluster.exec("node1", "ip address delete 10.99.0.1/24 dev wan0");
            cluster.awaitCondition("follows", "Ready", "False", "LocalAddressNotFound");
            assertThat(cluster.status("follows").local()).isEqualTo("10.99.0.1");

            cluster.exec("node1", "ip address add 10.99.0.7/24 dev wan0");

            cluster.await("followed", () -> "10.99.0.7"
                    .equals(cluster.status("follows").local()));
            assertThat(cluster.awaitReady("follows")).isEqualTo(ifindex);
            assertThat(cluster.exec("node1", "ip tunnel show follows")).contains("local 10.99.0.7");
        } finally {
            cluster.exec("node1", "ip link delete wan0");
        }
    }
}
