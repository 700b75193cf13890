package dev.iptunnel.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import dev.iptunnel.api.IpTunnels;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The API server is not the nodes' gateway: each node translates the Service address to its real one. */
@Tag("cluster")
@ExtendWith(DeployedOperator.class)
class GatewayClusterTest {
    private static final String API_SERVER = "10.77.0.254";
    private static final String GATEWAY = "10.77.0.253";

    private static final Cluster cluster = new Cluster();

    @Test
    void the_service_address_is_reached_although_nobody_has_it() {
        assertThat(cluster.exec("node1", "ip route show default")).contains("via " + GATEWAY);
        assertThat(cluster.exec("node1", "ip route get " + API_SERVER)).doesNotContain("via");
        cluster.script("node1", "exec 3<>/dev/tcp/10.96.0.1/443");
    }

    @ParameterizedTest
    @ValueSource(strings = {API_SERVER + "/32", "10.77.0.252/30", GATEWAY + "/32"})
    void a_route_to_the_real_API_server_or_to_the_gateway_is_refused(String destination) {
        cluster.create(
                "routed1",
                IpTunnels.with(
                        Cluster.ipip(1, "192.168.50.1/30"),
                        "interfaceName: routed\nroutes: [{destination: " + destination + "}]"));

        try {
            cluster.awaitCondition("routed1", "Stalled", "True", "RouteWouldIsolateNode");
            assertThat(cluster.exec("node1", "ip route get " + API_SERVER)).contains("dev vec0");
        } finally {
            // Else a route that was taken in keeps the node from ever hearing of the end of its object.
            cluster.output("node1", "ip route delete " + destination + " dev routed || true");
        }
    }
}
