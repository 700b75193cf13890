package dev.iptunnel.tunnel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.iptunnel.tunnel.ObservedLink.AddressFlag;
import dev.iptunnel.tunnel.ObservedLink.ObservedAddress;
import java.net.InetAddress;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class LocalAddressTest {
    private static final InetAddress FIRST = IpFamily.IPV4.parse("192.0.2.1");
    private static final InetAddress SECOND = IpFamily.IPV4.parse("192.0.2.2");
    private static final LocalAddress FOLLOWED = new LocalAddress.OfInterface("eth0");

    private static Optional<ObservedLink> eth0(ObservedAddress... addresses) {
        return Optional.of(new ObservedLink(
                2,
                "eth0",
                "",
                true,
                "UP",
                1500,
                OptionalInt.of(0),
                Optional.empty(),
                List.of(),
                List.of(addresses),
                List.of()));
    }

    private static ObservedAddress address(InetAddress address, AddressFlag... flags) {
        return new ObservedAddress(new IpPrefix(address, 24), Optional.empty(), false, Set.copyOf(List.of(flags)));
    }

    @Test
    void of_an_interface_is_its_first() {
        // when
        Optional<InetAddress> local =
                FOLLOWED.resolve(IpFamily.IPV4, eth0(address(FIRST), address(SECOND)), Optional.empty());

        // then
        assertThat(local).contains(FIRST);
    }

    @Test
    void of_an_interface_stays_while_the_interface_has_it() {
        // when
        Optional<InetAddress> local =
                FOLLOWED.resolve(IpFamily.IPV4, eth0(address(FIRST), address(SECOND)), Optional.of(SECOND));

        // then
        assertThat(local).contains(SECOND);
    }

    @Test
    void of_an_interface_follows_when_the_last_one_is_gone() {
        // when
        Optional<InetAddress> local = FOLLOWED.resolve(IpFamily.IPV4, eth0(address(SECOND)), Optional.of(FIRST));

        // then
        assertThat(local).contains(SECOND);
    }

    @ParameterizedTest
    @EnumSource
    void of_an_interface_is_none_that_does_not_last(AddressFlag flag) {
        // given
        Optional<ObservedLink> source = eth0(address(FIRST, flag));

        // when
        List<Optional<InetAddress>> locals = Stream.of(Optional.<InetAddress>empty(), Optional.of(SECOND))
                .map(last -> FOLLOWED.resolve(IpFamily.IPV4, source, last))
                .toList();

        // then
        assertThat(locals).containsExactly(Optional.empty(), Optional.of(SECOND));
    }

    @Test
    void of_an_interface_is_of_the_outer_family() {
        // when
        Optional<InetAddress> local = FOLLOWED.resolve(IpFamily.IPV6, eth0(address(FIRST)), Optional.empty());

        // then
        assertThat(local).isEmpty();
    }

    @Test
    void of_an_interface_that_is_gone_is_the_last_one() {
        // when
        Optional<InetAddress> local = FOLLOWED.resolve(IpFamily.IPV4, Optional.empty(), Optional.of(FIRST));

        // then
        assertThat(local).contains(FIRST);
    }

    @Test
    void of_the_node_is_known_from_the_start_and_else_the_last_one() {
        // when
        List<Optional<InetAddress>> locals = List.of(
                new LocalAddress.OfNode(Optional.of(FIRST)).resolve(IpFamily.IPV4, eth0(), Optional.of(SECOND)),
                new LocalAddress.OfNode(Optional.empty()).resolve(IpFamily.IPV4, eth0(), Optional.of(SECOND)),
                new LocalAddress.OfNode(Optional.empty()).resolve(IpFamily.IPV4, eth0(), Optional.empty()));

        // then
        assertThat(locals).containsExactly(Optional.of(FIRST), Optional.of(SECOND), Optional.empty());
    }

    @Test
    void that_is_written_is_what_is_written() {
        // when
        Optional<InetAddress> local =
                new LocalAddress.Fixed(FIRST).resolve(IpFamily.IPV4, eth0(address(SECOND)), Optional.of(SECOND));

        // then
        assertThat(local).contains(FIRST);
    }
}
