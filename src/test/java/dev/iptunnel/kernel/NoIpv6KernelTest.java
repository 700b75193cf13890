package dev.iptunnel.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.iptunnel.tunnel.TunnelMode;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A kernel whose command line has {@code ipv6.disable=1}. */
@Tag("no-ipv6")
class NoIpv6KernelTest {
    private Set<String> before = Set.of();

    @BeforeEach
    void makeParent() {
        before = Set.copyOf(Iproute2.interfaceNames());
        Iproute2.batch("link add under0 type dummy", "link set under0 up", "address add 192.0.2.1/24 dev under0");
    }

    @AfterEach
    void removeAll() {
        Iproute2.removeAllBut(before);
    }

    private static String program(TunnelMode mode) {
        return TunnelProcess.run(List.of(), mode, 0).strip();
    }

    @Test
    void ipip_works() {
        assertThat(program(TunnelMode.IPIP)).startsWith("ip tunnel add tun");

        assertThat(Iproute2.addresses("tun")).containsExactly("10.9.0.1/30");
        assertThat(program(TunnelMode.IPIP)).isEmpty();
    }

    @Test
    void sit_is_made_and_says_that_it_has_no_inner_address() {
        assertThat(program(TunnelMode.SIT)).startsWith("IPv6Disabled ").contains("ipv6.disable=1");

        assertThat(Iproute2.exists("tun")).isTrue();
    }

    @ParameterizedTest
    @EnumSource(names = {"IP6IP6", "IPIP6"})
    void a_tunnel_over_ipv6_says_that_there_is_no_driver(TunnelMode mode) {
        assertThat(program(mode)).startsWith("ModuleMissing ").contains("ip6_tunnel", "ipv6.disable=1");

        assertThat(Iproute2.exists("tun")).isFalse();
    }
}
