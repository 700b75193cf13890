package dev.iptunnel.tunnel;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class InnerRouteTest {
    private static InnerRoute route(
            IpFamily family, String destination, @Nullable String gateway, long table, long metric) {
        return new InnerRoute(
                IpPrefix.parse(family, destination),
                Optional.ofNullable(gateway).map(family::parse),
                table,
                metric);
    }

    @ParameterizedTest
    @CsvSource({
        "IPV4, 10.9.0.0/16, , 254, 0, 10.9.0.0/16",
        "IPV4, 10.9.0.0/16, 10.7.0.2, 100, 5, 10.9.0.0/16 via 10.7.0.2 table 100 metric 5",
        "IPV6, ::/0, fe80::2, 254, 1024, ::/0 via fe80::2 metric 1024",
    })
    void prints_as_ip_route_takes_it(
            IpFamily family, String destination, @Nullable String gateway, long table, long metric, String text) {
        // when
        InnerRoute route = route(family, destination, gateway, table, metric);

        // then
        assertThat(route).hasToString(text);
    }

    @ParameterizedTest
    @CsvSource({
        "IPV4, 10.9.0.0/16, 0, 0",
        "IPV4, 10.9.0.0/16, 5, 5",
        "IPV6, fd00:9::/48, 0, 1024",
        "IPV6, fd00:9::/48, 5, 5"
    })
    void has_the_metric_that_the_kernel_gives_it(IpFamily family, String destination, long metric, long kernels) {
        // when
        InnerRoute route = route(family, destination, null, 254, metric);

        // then
        assertThat(route.kernelMetric()).isEqualTo(kernels);
    }

    @Test
    void with_another_gateway_is_the_same_entry_but_not_equal() {
        // given
        InnerRoute route = route(IpFamily.IPV6, "fd00:9::/48", "fd00:7::2", 254, 0);

        // when
        InnerRoute other = route(IpFamily.IPV6, "fd00:9::/48", "fd00:7::3", 254, 1024);

        // then
        assertThat(route.isSameEntryAs(other)).isTrue();
        assertThat(route.equalsInKernel(other)).isFalse();
    }

    @Test
    void equals_in_the_kernel_with_the_kernels_metric() {
        // given
        InnerRoute written = route(IpFamily.IPV6, "fd00:9::/48", null, 254, 0);

        // when
        InnerRoute read = route(IpFamily.IPV6, "fd00:9::/48", null, 254, 1024);

        // then
        assertThat(written.equalsInKernel(read)).isTrue();
        assertThat(written).isNotEqualTo(read);
    }

    @ParameterizedTest
    @CsvSource({"10.9.0.0/17, 254, 0", "10.9.0.0/16, 100, 0", "10.9.0.0/16, 254, 1"})
    void is_another_entry_with_another_destination_table_or_metric(String destination, long table, long metric) {
        // given
        InnerRoute route = route(IpFamily.IPV4, "10.9.0.0/16", null, 254, 0);

        // when
        InnerRoute other = route(IpFamily.IPV4, destination, null, table, metric);

        // then
        assertThat(route.isSameEntryAs(other)).isFalse();
    }
}
