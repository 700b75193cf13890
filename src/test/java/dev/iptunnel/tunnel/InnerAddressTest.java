package dev.iptunnel.tunnel;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Optional;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class InnerAddressTest {
    @ParameterizedTest
    @CsvSource({
        "IPV4, 10.7.0.1/30, , 10.7.0.1/30, 10.7.0.0/30",
        "IPV4, 10.7.0.1/32, 10.7.0.2, 10.7.0.1 peer 10.7.0.2/32, 10.7.0.2/32",
        "IPV4, 10.7.0.1/24, 10.8.0.2, 10.7.0.1 peer 10.8.0.2/24, 10.8.0.0/24",
        "IPV6, fd00:7::1/128, fd00:7::2, fd00:7::1 peer fd00:7::2/128, fd00:7::2/128",
    })
    void prints_as_ip_address_takes_it_and_knows_the_connected_network(
            IpFamily family, String prefix, String peer, String text, String network) {
        // when
        InnerAddress address = new InnerAddress(
                IpPrefix.parse(family, prefix), Optional.ofNullable(peer).map(family::parse));

        // then
        assertThat(address).hasToString(text);
        assertThat(address.network()).hasToString(network);
    }
}
