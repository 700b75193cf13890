package dev.iptunnel.agent.spec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.iptunnel.agent.Tunnels;
import dev.iptunnel.agent.cluster.NodeTunnels;
import dev.iptunnel.agent.reconcile.OneTunnel;
import dev.iptunnel.api.v1alpha1.IpTunnel;
import dev.iptunnel.planner.Claims;
import dev.iptunnel.tunnel.DesiredTunnel;
import org.junit.jupiter.api.Test;

class DesiredTunnelsTest {
    private final NodeTunnels tunnels = new NodeTunnels();
    private final DesiredTunnels desired = new DesiredTunnels(Tunnels.READER, tunnels);

    private static IpTunnel generation(long generation, String fields) {
        IpTunnel tunnel = Tunnels.ipip("to-berlin", fields);
        tunnel.getMetadata().setGeneration(generation);
        return tunnel;
    }

    @Test
    void each_generation_is_read_once() {
        // given
        DesiredTunnel first = desired.of(generation(1, "ttl: 10"));

        // when
        DesiredTunnel again = desired.of(generation(1, "ttl: 10"));

        // then
        assertThat(again).isSameAs(first);
    }

    @Test
    void a_new_generation_is_read() {
        // given
        desired.of(generation(1, "ttl: 10"));

        // when
        DesiredTunnel newer = desired.of(generation(2, "ttl: 20"));

        // then
        assertThat(newer.outerHeader().ttl()).isEqualTo(20);
    }

    @Test
    void the_spec_of_a_successor_with_the_same_name_and_generation_is_read() {
        // given
        desired.of(generation(1, "ttl: 10"));
        IpTunnel successor = generation(1, "ttl: 20");
        successor.getMetadata().setUid("uid-of-its-successor");

        // when
        DesiredTunnel read = desired.of(successor);

        // then
        assertThat(read.mark().uid()).isEqualTo("uid-of-its-successor");
        assertThat(read.outerHeader().ttl()).isEqualTo(20);
    }

    @Test
    void an_invalid_spec_is_refused_each_time_and_claims_nothing() {
        // given
        IpTunnel invalid = generation(1, "mode: gre");
        tunnels.readFrom(new OneTunnel(invalid));

        // when
        Claims claims = desired.claims();

        // then
        assertThat(claims.tunnels()).isEmpty();
        for (int time = 0; time < 2; time++) {
            assertThatExceptionOfType(InvalidSpecException.class)
                    .isThrownBy(() -> desired.of(invalid))
                    .withMessage("spec.mode: \"gre\" is none of ipip, sit, ip6ip6, ipip6");
        }
    }

    @Test
    void claims_are_those_of_the_existing_objects() {
        // given
        IpTunnel there = Tunnels.ipip("to-hamburg");
        desired.of(Tunnels.ipip("to-berlin"));
        tunnels.readFrom(new OneTunnel(there));

        // when
        Claims claims = desired.claims();

        // then
        assertThat(claims.tunnels()).containsExactly(desired.of(there));
    }

    @Test
    void specs_of_deleted_objects_are_forgotten() {
        // given
        IpTunnel gone = Tunnels.ipip("to-berlin");
        DesiredTunnel before = desired.of(gone);
        tunnels.readFrom(new OneTunnel(Tunnels.ipip("to-hamburg")));
        desired.claims();

        // when
        DesiredTunnel after = desired.of(gone);

        // then
        assertThat(after).isNotSameAs(before).isEqualTo(before);
    }
}
