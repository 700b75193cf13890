package dev.iptunnel.probe;

import static org.assertj.core.api.Assertions.assertThat;

import dev.iptunnel.tunnel.DeletionPolicy;
import dev.iptunnel.tunnel.DesiredTunnelBuilder;
import dev.iptunnel.tunnel.IpFamily;
import dev.iptunnel.tunnel.Mark;
import dev.iptunnel.tunnel.ProbeSettings;
import dev.iptunnel.tunnel.TunnelMode;
import java.net.InetAddress;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ProbeTargetTest {
    private static DesiredTunnelBuilder tunnel(String address, Optional<String> target) {
        TunnelMode mode = address.contains(":") ? TunnelMode.SIT : TunnelMode.IPIP;
        return DesiredTunnelBuilder.of(new Mark("m", "uid", DeletionPolicy.DELETE, "tun"), mode)
                .probe(new ProbeSettings(
                        target.flatMap(IpFamily::literal), Duration.ofSeconds(10), Duration.ofSeconds(2), 3, 2, false));
    }

    private static String format(Optional<ProbeTarget> target) {
        return target.map(found -> text(found.source()) + " asks " + text(found.target()))
                .orElse("nobody");
    }

    private static String text(InetAddress address) {
        return IpFamily.format(address);
    }

    @ParameterizedTest
    @CsvSource({
        "10.9.0.1/30, 10.9.0.1 asks 10.9.0.2",
        "10.9.0.6/30, 10.9.0.6 asks 10.9.0.5",
        "10.9.0.4/30, nobody",
        "10.9.0.7/30, nobody",
        "10.9.0.0/31, 10.9.0.0 asks 10.9.0.1",
        "10.9.0.255/31, 10.9.0.255 asks 10.9.0.254",
        "10.9.0.1/29, nobody",
        "10.9.0.1/32, nobody",
        "10.9.0.1/32 peer 10.8.0.2, 10.9.0.1 asks 10.8.0.2",
        "fd09::1/126, fd09::1 asks fd09::2",
        "fd09::3/126, nobody",
        "fd09::/127, fd09:: asks fd09::1",
        "fd09::1/64, nobody",
        "fd09::1/128 peer fd09::2, fd09::1 asks fd09::2"
    })
    void the_first_address_says_who_is_at_the_other_end(String address, String expected) {
        assertThat(format(ProbeTarget.of(
                        tunnel(address, Optional.empty()).addresses(address).build())))
                .isEqualTo(expected);
    }

    @Test
    void the_target_of_the_spec_is_asked_from_the_address_whose_network_contains_it() {
        assertThat(format(ProbeTarget.of(tunnel("10.9.0.1/30", Optional.of("10.7.0.9"))
                        .addresses("10.9.0.1/30", "10.7.0.1/24")
                        .build())))
                .isEqualTo("10.7.0.1 asks 10.7.0.9");
        assertThat(format(ProbeTarget.of(tunnel("10.9.0.1/30", Optional.of("172.16.0.9"))
                        .addresses("10.9.0.1/30", "10.7.0.1/24")
                        .build())))
                .isEqualTo("10.9.0.1 asks 172.16.0.9");
    }

    @Test
    void nobody_asks_without_an_address_and_nobody_asks_himself() {
        assertThat(ProbeTarget.of(tunnel("10.9.0.1/30", Optional.of("10.7.0.9")).build()))
                .isEmpty();
        assertThat(ProbeTarget.of(tunnel("10.9.0.1/30", Optional.of("10.9.0.1"))
                        .addresses("10.9.0.1/30")
                        .build()))
                .isEmpty();
    }
}
