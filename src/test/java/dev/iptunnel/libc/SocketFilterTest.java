package dev.iptunnel.libc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.iptunnel.libc.SocketFilter.Network;
import java.net.InetAddress;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Whether a filter has to be replaced for further routes. What a filter keeps is tested in a kernel. */
class SocketFilterTest {
    private static final int INTERFACE = 7;
    private static final SocketFilter FILTER = SocketFilter.routes(
            List.of(173),
            addresses("192.0.2.1", "2001:db8::1"),
            List.of(INTERFACE),
            List.of(network("10.9.0.0/16"), network("fd09::/24")));

    private static List<InetAddress> addresses(String... literals) {
        return Arrays.stream(literals).map(InetAddress::ofLiteral).toList();
    }

    private static Network network(String text) {
        List<String> parts = List.of(text.split("/", -1));
        return new Network(InetAddress.ofLiteral(parts.getFirst()), Integer.parseInt(parts.getLast()));
    }

    @ParameterizedTest
    @CsvSource({
        "192.0.2.1, true",
        "192.0.2.2, false",
        "2001:db8::1, true",
        // Only the first 32 bits are compared.
        "2001:db8::2, true",
        "2001:db9::1, false",
        "0.0.0.0, false",
    })
    void routes_to_an_address_are_kept_where_the_filter_has_it(String address, boolean kept) {
        assertThat(FILTER.keeps(addresses(address), List.of(), List.of())).isEqualTo(kept);
    }

    @ParameterizedTest
    @CsvSource({
        "10.9.0.0/16, true",
        "10.9.77.0/16, true",
        "10.8.0.0/15, false",
        "10.9.0.0/17, false",
        "fd09::/24, true",
        "fd09::/25, false",
        // Default routes and halves are always kept.
        "0.0.0.0/0, true",
        "128.0.0.0/1, true",
        "::/0, true",
        "64.0.0.0/2, false",
    })
    void routes_within_a_network_are_kept_where_the_filter_has_it(String network, boolean kept) {
        assertThat(FILTER.keeps(List.of(), List.of(), List.of(network(network))))
                .isEqualTo(kept);
    }

    @ParameterizedTest
    @CsvSource({INTERFACE + ", true", "8, false"})
    void routes_out_of_an_interface_are_kept_where_the_filter_has_it(int ifindex, boolean kept) {
        assertThat(FILTER.keeps(List.of(), List.of(ifindex), List.of())).isEqualTo(kept);
    }

    @Test
    void of_several_routes_all_have_to_be_kept() {
        assertThat(FILTER.keeps(addresses("192.0.2.1", "192.0.2.2"), List.of(), List.of()))
                .isFalse();
        assertThat(FILTER.keeps(addresses("192.0.2.1"), List.of(INTERFACE, 8), List.of()))
                .isFalse();
        assertThat(FILTER.keeps(addresses("192.0.2.1"), List.of(INTERFACE), List.of(network("10.9.0.0/16"))))
                .isTrue();
    }

    @Test
    void with_many_addresses_a_filter_keeps_their_neighbours_too() {
        SocketFilter many = SocketFilter.routes(
                List.of(173),
                IntStream.range(0, 1000)
                        .mapToObj(i -> InetAddress.ofLiteral("198.18." + i / 250 + "." + (1 + i % 250)))
                        .toList(),
                List.of(),
                List.of());

        assertThat(many.keeps(addresses("198.18.0.254"), List.of(), List.of())).isTrue();
        assertThat(many.keeps(addresses("198.19.0.1"), List.of(), List.of())).isFalse();
    }

    @Test
    void a_filter_that_drops_nothing_keeps_everything() {
        assertThat(SocketFilter.EVERYTHING.keeps(addresses("198.18.0.254"), List.of(8), List.of(network("64.0.0.0/2"))))
                .isTrue();
    }
}
