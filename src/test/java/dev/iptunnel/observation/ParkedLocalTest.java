package dev.iptunnel.observation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.iptunnel.tunnel.IpFamily;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ParkedLocalTest {
    @ParameterizedTest
    @CsvSource({
        "IPV4, 7, 240.0.0.7",
        "IPV4, 65536, 240.1.0.0",
        "IPV4, 2147483647, 255.255.255.255",
        "IPV6, 7, 100::7",
        "IPV6, 2147483647, 100::7fff:ffff",
    })
    void differs_for_each_interface(IpFamily family, int ifindex, String address) {
        // when
        String parked = IpFamily.format(ParkedLocal.of(family, ifindex));

        // then
        assertThat(parked).isEqualTo(address);
    }

    @ParameterizedTest
    @CsvSource({
        "IPV4, 240.0.0.7, true",
        "IPV4, 239.255.255.255, false",
        "IPV4, 192.0.2.1, false",
        "IPV6, 100::7fff:ffff, true",
        "IPV6, 100:0:0:1::1, false",
        "IPV6, 2001:db8::1, false",
    })
    void is_recognised_by_its_network(IpFamily family, String address, boolean expected) {
        // when
        boolean parked = ParkedLocal.isParked(family.parse(address));

        // then
        assertThat(parked).isEqualTo(expected);
    }
}
