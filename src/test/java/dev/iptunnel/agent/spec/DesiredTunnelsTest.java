package dev.iptunnel.agent.spec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.iptunnel.agent.Tunnels;
import dev.iptunnel.agent.cluster.NodeTunnels;
import dev.iptunnel.agent.reconcile.OneTunnel;
import dev.iptunnel.api.v1alpha1.IpTunnel;
import dev.iptunnel.planner.Claims;
import dev.iptunnel.tunnel.DesiredTunnel;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

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
        assertThat(claims.named("to-berlin")).isEmpty();
        for (int time = 0; time < 2; time++) {
            assertThatExceptionOfType(InvalidSpecException.class)
                    .isThrownBy(() -> desired.of(invalid))
                    .withMessage("spec.mode: \"gre\" is none of ipip, sit, ip6ip6, ipip6");
        }
    }

    @Test
    void claims_are_those_of_the_existing_objects() {
        // given
        IpTunnel there = Tunnels.ipip("to-hamburg", "interfaceName: tun\nremote: 192.0.2.7");
        desired.of(Tunnels.ipip("to-berlin"));
        tunnels.readFrom(new OneTunnel(there));

        // when
        Claims claims = desired.claims();

        // then
        DesiredTunnel hamburg = desired.of(there);
        assertThat(claims.named("to-hamburg")).contains(hamburg);
        assertThat(claims.withUid("uid-of-to-hamburg")).contains(hamburg);
        assertThat(claims.ofInterface("tun")).containsExactly(hamburg);
        assertThat(claims.withRemote(hamburg.remote())).containsExactly(hamburg);
        assertThat(claims.named("to-berlin")).isEmpty();
        assertThat(claims.withUid("uid-of-to-berlin")).isEmpty();
        assertThat(claims.ofInterface("to-berlin")).isEmpty();
        assertThat(claims.withRemote(desired.of(Tunnels.ipip("to-berlin")).remote()))
                .isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "sit,    any,           any",
        "ip6ip6, 2001:DB8:0::9, 2001:db8::9",
        "ip6ip6, any,           any",
    })
    void a_remote_is_found_however_it_is_written(String mode, String written, String same) {
        // given
        String others =
                "mode: " + mode + "\nlocal: " + (mode.equals("sit") ? "192.0.2.1" : "\"2001:db8::1\"") + "\nremote: ";
        IpTunnel there = Tunnels.ipip("to-hamburg", others + "\"" + written + "\"");
        tunnels.readFrom(new OneTunnel(there));

        // when
        DesiredTunnel other = desired.of(Tunnels.ipip("to-berlin", others + "\"" + same + "\""));

        // then
        assertThat(desired.claims().withRemote(other.remote())).containsExactly(desired.of(there));
    }

    @Test
    void specs_of_deleted_objects_are_forgotten_now_and_then() {
        // given
        IpTunnel gone = Tunnels.ipip("to-berlin");
        DesiredTunnel before = desired.of(gone);
        tunnels.readFrom(new OneTunnel(Tunnels.ipip("to-hamburg")));
        IntStream.range(0, 100).forEach(i -> desired.of(Tunnels.ipip("to-" + i)));

        // when
        DesiredTunnel after = desired.of(gone);

        // then
        assertThat(after).isNotSameAs(before).isEqualTo(before);
    }
}
