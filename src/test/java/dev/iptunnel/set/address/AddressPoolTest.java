package dev.iptunnel.set.address;

import static org.assertj.core.api.Assertions.assertThat;

import dev.iptunnel.set.AddressRanges;
import dev.iptunnel.set.member.SetBuilder;
import dev.iptunnel.tunnel.IpFamily;
import java.math.BigInteger;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AddressPoolTest {
    @ParameterizedTest
    @CsvSource({
        "10.0.0.0/29, 6, 10.0.0.1, 10.0.0.6",
        "10.0.0.0/30, 2, 10.0.0.1, 10.0.0.2",
        "10.0.0.0/31, 2, 10.0.0.0, 10.0.0.1",
        "10.0.0.0/32, 1, 10.0.0.0, 10.0.0.0",
        "0.0.0.0/1, 2147483646, 0.0.0.1, 127.255.255.254",
        "fd00::/126, 3, fd00::1, fd00::3",
        "fd00::/127, 2, fd00::, fd00::1",
        "ff00::/16, 5192296858534827628530496329220095, ff00::1, ff00:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
    })
    void gives_out_all_addresses_of_a_network_but_those_with_a_meaning(
            String network, String capacity, String first, String last) {
        // given
        AddressPool pool = pool(SetBuilder.ranges(network));

        // when
        List<String> ends = List.of(
                IpFamily.format(pool.at(BigInteger.ZERO)),
                IpFamily.format(pool.at(pool.capacity().subtract(BigInteger.ONE))));

        // then
        assertThat(pool.capacity()).isEqualTo(capacity);
        assertThat(ends).containsExactly(first, last);
    }

    @Test
    void leaves_out_what_is_excluded_and_what_an_earlier_network_has() {
        // given
        AddressPool pool = pool(new AddressRanges(
                SetBuilder.prefixes("10.0.0.0/29", "10.0.0.0/28"), SetBuilder.prefixes("10.0.0.2/31", "10.0.0.9/32")));

        // when
        List<String> all = IntStream.range(0, pool.capacity().intValueExact())
                .mapToObj(BigInteger::valueOf)
                .map(pool::at)
                .map(IpFamily::format)
                .toList();

        // then
        assertThat(all)
                .containsExactly(
                        "10.0.0.1",
                        "10.0.0.4",
                        "10.0.0.5",
                        "10.0.0.6",
                        "10.0.0.8",
                        "10.0.0.10",
                        "10.0.0.11",
                        "10.0.0.12",
                        "10.0.0.13",
                        "10.0.0.14");
        assertThat(pool.contains(SetBuilder.address("10.0.0.9"))).isFalse();
        assertThat(pool.contains(SetBuilder.address("10.0.0.10"))).isTrue();
        assertThat(pool.contains(SetBuilder.address("fd00::1"))).isFalse();
    }

    private static AddressPool pool(AddressRanges ranges) {
        return new AddressPool(ranges.networks().getFirst().family(), ranges);
    }
}
