package dev.iptunnel.tunnel;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.util.List;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class TunnelParametersTest {
    private static TunnelParameters of(TunnelMode mode, String local, String remote, int parent, int ttl) {
        return new TunnelParameters(
                mode.driver(),
                mode.protocol(),
                endpoint(mode, local),
                endpoint(mode, remote),
                parent,
                ttl,
                OptionalInt.of(0),
                true,
                OptionalInt.empty(),
                OptionalInt.of(0));
    }

    private static InetAddress endpoint(TunnelMode mode, String text) {
        return text.equals("any") ? mode.outer().any() : mode.outer().parse(text);
    }

    private static String host(TunnelMode mode, int number) {
        return (mode.outer() == IpFamily.IPV4 ? "192.0.2." : "2001:db8::") + number;
    }

    @ParameterizedTest
    @EnumSource
    void change_in_place_in_local_remote_parent_and_ttl(TunnelMode mode) {
        // given
        TunnelParameters before = of(mode, host(mode, 1), host(mode, 2), 0, 64);

        // when
        boolean inPlace =
                before.obstacleTo(of(mode, "any", host(mode, 3), 7, 0)).isEmpty();

        // then
        assertThat(inPlace).isTrue();
    }

    @ParameterizedTest
    @CsvSource({"IPIP, false", "SIT, false", "IP6IP6, true", "IPIP6, true"})
    void change_a_remote_to_any_in_place_only_with_ip6_tunnel(TunnelMode mode, boolean expected) {
        // given
        TunnelParameters before = of(mode, host(mode, 1), host(mode, 2), 0, 64);

        // when
        boolean inPlace =
                before.obstacleTo(of(mode, host(mode, 1), "any", 0, 64)).isEmpty();

        // then
        assertThat(inPlace).isEqualTo(expected);
    }

    @ParameterizedTest
    @CsvSource({"IPIP, false", "SIT, false", "IP6IP6, true", "IPIP6, true"})
    void change_any_to_a_remote_in_place_only_with_ip6_tunnel(TunnelMode mode, boolean expected) {
        // given
        TunnelParameters before = of(mode, host(mode, 1), "any", 0, 64);

        // when
        boolean inPlace =
                before.obstacleTo(of(mode, host(mode, 1), host(mode, 2), 0, 64)).isEmpty();

        // then
        assertThat(inPlace).isEqualTo(expected);
    }

    @ParameterizedTest
    @CsvSource({"IP6IP6, IPIP6, true", "IPIP6, IP6IP6, true", "IPIP, SIT, false", "SIT, IPIP, false"})
    void change_the_inner_protocol_only_within_ip6_tunnel(TunnelMode from, TunnelMode to, boolean expected) {
        // given
        TunnelParameters before = of(from, host(from, 1), host(from, 2), 0, 64);

        // when
        boolean inPlace =
                before.obstacleTo(of(to, host(to, 1), host(to, 2), 0, 64)).isEmpty();

        // then
        assertThat(inPlace).isEqualTo(expected);
    }

    @Test
    void keep_the_protocol_of_an_ipv4_tunnel_that_carries_both() {
        // given
        InetAddress any = IpFamily.IPV4.any();
        TunnelParameters both = new TunnelParameters(
                TunnelDriver.IPIP, 0, any, any, 3, 64, OptionalInt.of(0), true, OptionalInt.empty(), OptionalInt.of(0));

        // when
        boolean inPlace =
                both.obstacleTo(of(TunnelMode.IPIP, "any", "any", 3, 64)).isEmpty();

        // then
        assertThat(inPlace).isFalse();
    }

    @ParameterizedTest
    @CsvSource({"any, any, 0, true", "192.0.2.1, any, 0, false", "any, 192.0.2.1, 0, false", "any, any, 3, false"})
    void without_endpoints_and_parent_are_those_of_a_fallback_device(
            String local, String remote, int parent, boolean expected) {
        // given
        TunnelParameters parameters = of(TunnelMode.IPIP, local, remote, parent, 64);

        // when
        boolean fallback = parameters.isFallback();

        // then
        assertThat(fallback).isEqualTo(expected);
    }

    @Test
    void name_every_difference() {
        // given
        TunnelParameters observed = new TunnelParameters(
                TunnelDriver.IP6TNL,
                0,
                IpFamily.IPV6.parse("2001:db8::1"),
                IpFamily.IPV6.any(),
                3,
                255,
                OptionalInt.of(9),
                false,
                OptionalInt.of(4),
                OptionalInt.of(7));

        // when
        List<String> differences = observed.differences(of(TunnelMode.IP6IP6, "2001:db8::2", "2001:db8::3", 0, 64));

        // then
        assertThat(differences)
                .containsExactly(
                        "mode any (ip6tnl), not ip6ip6",
                        "local 2001:db8::1, not 2001:db8::2",
                        "remote any, not 2001:db8::3",
                        "parent ifindex 3, not none",
                        "ttl 255, not 64",
                        "dscp 2 with ECN bits 1, not 0",
                        "path MTU discovery false, not true",
                        "encapsulation limit 4, not none",
                        "flow label 7, not 0");
    }

    @Test
    void have_no_differences_if_they_are_equal() {
        // given
        TunnelParameters parameters = of(TunnelMode.SIT, "192.0.2.1", "192.0.2.2", 3, 64);

        // when
        List<String> differences = parameters.differences(of(TunnelMode.SIT, "192.0.2.1", "192.0.2.2", 3, 64));

        // then
        assertThat(differences).isEmpty();
    }
}
