package dev.iptunnel.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import dev.iptunnel.api.IpTunnels;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whatever is done to a tunnel on its node is put right, and what is around it is followed. */
@Tag("cluster")
@ExtendWith(DeployedOperator.class)
class DriftClusterTest {
    private static final Cluster cluster = new Cluster();
    private static final List<Integer> milliseconds = new ArrayList<>();

    @BeforeEach
    void makeParent() {
        cluster.script("node1", "ip link delete dev under 2>/dev/null || true; " + parent(1500));
        cluster.create(
                "drift",
                IpTunnels.spec(
                        """
                        nodeName: node1
                        mode: ipip
                        localFrom: {type: Parent}
                        remote: 10.88.0.2
                        parent: under
                        addresses: [{address: 192.168.70.1/30}]
                        routes: [{destination: 192.168.71.0/24}]
                        reversePathFilter: Loose
                        """));
        cluster.awaitReady("drift");
    }

    private static String parent(int mtu) {
        return "ip link add under mtu " + mtu + " type dummy; ip addr add 10.88.0.1/24 dev under; ip link set under up";
    }

    @AfterAll
    static void removeParentAndReport() {
        cluster.exec("node1", "ip link delete dev under");
        System.out.println("ms from what somebody did to the last of its repair, as rtnetlink told of them: "
                + milliseconds.stream().sorted().toList());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "ip link set drift mtu 1300",
                "ip link set drift down",
                "ip tunnel change drift ttl 9",
                "ip tunnel change drift remote 10.88.0.99",
                "ip address del 192.168.70.1/30 dev drift",
                "ip route del 192.168.71.0/24 dev drift",
                "sysctl -qw net.ipv4.conf.drift.rp_filter=1",
                "ip link delete dev drift",
                "ip link set drift alias somebodys",
                "ip link set drift down; ip link set drift name stray",
            })
    void what_somebody_does_to_a_tunnel_is_put_right(String change) {
        milliseconds.add(awaitRight(change, 1480, "10.88.0.1"));

        cluster.awaitReady("drift");
        cluster.await("Event", () -> cluster.eventReasons("drift").contains("TunnelRepaired"));
        assertThat(cluster.counter("node1", "iptunnel_repairs_total")).isPositive();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "ip link set under mtu 1400",
                "ip link delete dev under; %s",
                "ip link set under down; ip link set under mtu 1400 up",
            })
    void what_happens_to_the_parent_is_followed(String change) {
        int ifindex = cluster.ifindex("node1", "drift");

        awaitRight(change.formatted(parent(1400)), 1380, "10.88.0.1");

        cluster.await("status", () -> Integer.valueOf(1380)
                .equals(cluster.status("drift").mtu()));
        cluster.awaitReady("drift");
        assertThat(cluster.ifindex("node1", "drift")).isEqualTo(ifindex);
    }

    @Test
    void a_parent_that_gets_another_address_is_followed_in_place() {
        int ifindex = cluster.ifindex("node1", "drift");

        awaitRight("ip address del 10.88.0.1/24 dev under; ip address add 10.88.0.7/24 dev under", 1480, "10.88.0.7");

        cluster.awaitReady("drift");
        assertThat(cluster.ifindex("node1", "drift")).isEqualTo(ifindex);
        assertThat(cluster.status("drift").local()).isEqualTo("10.88.0.7");
    }

    @Test
    void a_tunnel_that_is_moved_to_another_network_namespace_keeps_its_endpoints_taken_until_it_goes() {
        cluster.exec("node1", "ip netns add elsewhere");
        try {
            cluster.exec("node1", "ip link set drift netns elsewhere");

            cluster.awaitCondition("drift", "Programmed", "False", "EndpointConflict");
            cluster.exec("node1", "ip -n elsewhere link delete drift");

            cluster.awaitReady("drift");
        } finally {
            cluster.exec("node1", "ip netns delete elsewhere");
        }
    }

    @Test
    void who_keeps_undoing_it_is_fought_at_growing_intervals_until_he_stops() {
        cluster.script(
                "node1",
                "nohup bash -c 'while :; do ip link set drift mtu 1300; sleep 0.02; done' >/dev/null 2>&1 & echo $! >/run/fight");

        cluster.awaitCondition("drift", "Programmed", "False", "Contended");
        double before = cluster.counter("node1", "iptunnel_repairs_total");
        sleep(10);
        double after = cluster.counter("node1", "iptunnel_repairs_total");
        cluster.script("node1", "kill $(cat /run/fight); rm /run/fight");

        assertThat(after - before).isBetween(0.0, 5.0);
        assertThat(cluster.eventReasons("drift")).contains("Contended");
        cluster.awaitReady("drift");
        assertThat(cluster.exec("node1", "cat /sys/class/net/drift/mtu").strip())
                .isEqualTo("1480");
    }

    private static void sleep(int seconds) {
        try {
            Thread.sleep(seconds * 1000L);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
    }

    /**
     * Makes the change, and waits until iproute2 shows the tunnel as it should be.
     *
     * @return the time from the first to the last that rtnetlink told of, in milliseconds
     */
    private static int awaitRight(String change, int mtu, String local) {
        String script =
                """
                right() {
                  link=$(ip -d link show dev drift 2>/dev/null) || return 1
                  [[ $link == *"<"*UP*">"* && $link == *"mtu %1$d "* && $link == *"ipip remote 10.88.0.2 local %2$s dev under ttl 64"* ]] || return 1
                  [[ $link == *"name=drift"* && $(ip -4 address show dev drift) == *"192.168.70.1/30"* ]] || return 1
                  [[ $(ip route show dev drift) == *"192.168.71.0/24"* && $(</proc/sys/net/ipv4/conf/drift/rp_filter) == 2 ]] || return 1
                  [[ ! -e /sys/class/net/stray ]]
                }
                ip -ts monitor all >/run/monitor &
                sleep 0.5
                %3$s
                for ((tries = 0; tries < 200; tries++)); do
                  sleep 0.2
                  right && break
                done
                kill %%1
                right || { ip -d address show dev drift; exit 1; }
                milliseconds() { date -d "$1" +%%s%%3N; }
                times=($(sed -n 's/^\\[\\([-0-9T:.]*\\)\\].*/\\1/p' /run/monitor | sed -n '1p;$p'))
                echo "took $(($(milliseconds "${times[1]}") - $(milliseconds "${times[0]}")))"
                """
                        .formatted(mtu, local, change);
        String output = cluster.output("node1", script).strip();
        return Integer.parseInt(output.substring(output.lastIndexOf(' ') + 1));
    }
}
