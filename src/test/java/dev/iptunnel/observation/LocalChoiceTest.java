package dev.iptunnel.observation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.iptunnel.observation.ObservedAddress.AddressFlag;
import dev.iptunnel.tunnel.IpFamily;
import dev.iptunnel.tunnel.IpPrefix;
import dev.iptunnel.tunnel.LocalAddress;
import java.net.InetAddress;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class LocalChoiceTest {
    private static final InetAddress FIRST = IpFamily.IPV4.parse("192.0.2.1");
    private static final InetAddress SECOND = IpFamily.IPV4.parse("192.0.2.2");
    private static final InetAddress REMOTE = IpFamily.IPV4.parse("198.51.100.9");
    private static final InetAddress REMOTE6 = IpFamily.IPV6.parse("2001:db8:9::9");
    private static final LocalAddress FOLLOWED = new LocalAddress.OfInterface("eth0");

    private static Optional<ObservedLink> eth0(ObservedAddress... addresses) {
        return Optional.of(
                ObservedLink.builder(2, "eth0").addresses(List.of(addresses)).build());
    }

    private static ObservedAddress address(InetAddress address, AddressFlag... flags) {
        return new ObservedAddress(new IpPrefix(address, 24), Optional.empty(), false, Set.copyOf(List.of(flags)));
    }

    @Test
    void takes_the_first_address_of_the_interface() {
        // when
        Optional<InetAddress> local = LocalChoice.resolve(
                FOLLOWED, IpFamily.IPV4, REMOTE, eth0(address(FIRST), address(SECOND)), Optional.empty());

        // then
        assertThat(local).contains(FIRST);
    }

    @Test
    void keeps_the_last_address_while_the_interface_has_it() {
        // when
        Optional<InetAddress> local = LocalChoice.resolve(
                FOLLOWED, IpFamily.IPV4, REMOTE, eth0(address(FIRST), address(SECOND)), Optional.of(SECOND));

        // then
        assertThat(local).contains(SECOND);
    }

    @Test
    void takes_another_address_when_the_last_one_is_gone() {
        // when
        Optional<InetAddress> local =
                LocalChoice.resolve(FOLLOWED, IpFamily.IPV4, REMOTE, eth0(address(SECOND)), Optional.of(FIRST));

        // then
        assertThat(local).contains(SECOND);
    }

    @ParameterizedTest
    @EnumSource(names = {"SECONDARY", "DEPRECATED", "TENTATIVE", "NOT_GLOBAL"})
    void takes_no_address_that_is_not_usable(AddressFlag flag) {
        // given
        Optional<ObservedLink> source = eth0(address(FIRST, flag));

        // when
        List<Optional<InetAddress>> locals = Stream.of(Optional.<InetAddress>empty(), Optional.of(SECOND))
                .map(last -> LocalChoice.resolve(FOLLOWED, IpFamily.IPV4, REMOTE, source, last))
                .toList();

        // then
        assertThat(locals).containsExactly(Optional.empty(), Optional.of(SECOND));
    }

    @Test
    void takes_an_address_of_the_outer_family() {
        // when
        Optional<InetAddress> local =
                LocalChoice.resolve(FOLLOWED, IpFamily.IPV6, REMOTE6, eth0(address(FIRST)), Optional.empty());

        // then
        assertThat(local).isEmpty();
    }

    @Test
    void keeps_the_last_address_while_the_interface_is_gone() {
        // when
        Optional<InetAddress> local =
                LocalChoice.resolve(FOLLOWED, IpFamily.IPV4, REMOTE, Optional.empty(), Optional.of(FIRST));

        // then
        assertThat(local).contains(FIRST);
    }

    @Test
    void takes_the_address_of_the_node_or_else_keeps_the_last_one() {
        // when
        List<Optional<InetAddress>> locals = List.of(
                LocalChoice.resolve(
                        new LocalAddress.OfNode(Optional.of(FIRST)),
                        IpFamily.IPV4,
                        REMOTE,
                        eth0(),
                        Optional.of(SECOND)),
                LocalChoice.resolve(
                        new LocalAddress.OfNode(Optional.empty()), IpFamily.IPV4, REMOTE, eth0(), Optional.of(SECOND)),
                LocalChoice.resolve(
                        new LocalAddress.OfNode(Optional.empty()), IpFamily.IPV4, REMOTE, eth0(), Optional.empty()));

        // then
        assertThat(locals).containsExactly(Optional.of(FIRST), Optional.of(SECOND), Optional.empty());
    }

    @Test
    void takes_the_address_of_the_spec() {
        // when
        Optional<InetAddress> local = LocalChoice.resolve(
                new LocalAddress.Fixed(FIRST), IpFamily.IPV4, REMOTE, eth0(address(SECOND)), Optional.of(SECOND));

        // then
        assertThat(local).contains(FIRST);
    }

    /**
     * Each line: the addresses of the interface in the kernel's order, the remote, and the address taken after any other
     * one.
     */
    @ParameterizedTest
    @CsvSource({
        "192.0.2.1/24 preferred:10.0.0.1/24, 198.51.100.9, 10.0.0.1",
        "192.0.2.7/32 192.0.2.1/24, 198.51.100.9, 192.0.2.1",
        "preferred:192.0.2.7/32 192.0.2.1/24, 198.51.100.9, 192.0.2.1",
        "virtual:192.0.2.7/24 10.0.0.1/24, 198.51.100.9, 10.0.0.1",
        "192.0.2.7/32, 198.51.100.9, 192.0.2.7",
        "192.0.2.7/32 192.0.2.1/24, 0.0.0.0, 192.0.2.1",
        "fd00::1/64 2001:db8::1/64, 2001:db8:9::9, 2001:db8::1",
        "2001:db8::1/64 fd00::1/64, fd09::9, fd00::1",
        "2002:102::1/64 2001:db8::1/64, 2001:db8:9::9, 2001:db8::1",
        "2001:db8:1::1/64 2001:db8:9::1/64, 2001:db8:9::9, 2001:db8:9::1",
        "2001:db8::7/128 2001:db8::1/64, 2001:db8::9, 2001:db8::1",
        "virtual:2001:db8:9::7/64 2001:db8::1/64, 2001:db8:9::9, 2001:db8::1",
        "2001:db8::7/128, 2001:db8::9, 2001:db8::7",
        "fd00::1/64 2001:db8::1/64, ::, 2001:db8::1",
        "fd00::1/64 route:2001:db8::1/64, fd09::9, 2001:db8::1",
        "2001:db8:9::1/64 route:2001:db8:1::1/64, 2001:db8:9::9, 2001:db8:1::1",
        "route:2001:db8::7/128 2001:db8::1/64, 2001:db8::9, 2001:db8::1",
    })
    void takes_the_best_address_and_gives_up_a_worse_one(String addresses, String remote, String expected) {
        // given
        IpFamily family = remote.contains(":") ? IpFamily.IPV6 : IpFamily.IPV4;
        List<ObservedAddress> observed = Stream.of(addresses.split(" ", -1))
                .map(text -> read(family, text))
                .toList();
        Optional<ObservedLink> source = eth0(observed.toArray(ObservedAddress[]::new));

        // when
        List<Optional<InetAddress>> locals = Stream.concat(
                        Stream.of(Optional.<InetAddress>empty()),
                        observed.stream().map(last -> Optional.of(last.prefix().address())))
                .map(last -> LocalChoice.resolve(FOLLOWED, family, family.parse(remote), source, last))
                .toList();

        // then
        assertThat(locals).containsOnly(Optional.of(family.parse(expected)));
    }

    @Test
    void takes_the_oldest_of_equal_addresses_but_keeps_the_last_one() {
        // given
        InetAddress newer = IpFamily.IPV6.parse("2001:db8::2");
        InetAddress older = IpFamily.IPV6.parse("2001:db8::1");
        Optional<ObservedLink> source =
                eth0(read(IpFamily.IPV6, "2001:db8::2/64"), read(IpFamily.IPV6, "2001:db8::1/64"));

        // when
        List<Optional<InetAddress>> locals = Stream.of(
                        Optional.<InetAddress>empty(), Optional.of(newer), Optional.of(older))
                .map(last -> LocalChoice.resolve(FOLLOWED, IpFamily.IPV6, REMOTE6, source, last))
                .toList();

        // then
        assertThat(locals).containsExactly(Optional.of(older), Optional.of(newer), Optional.of(older));
    }

    private static ObservedAddress read(IpFamily family, String text) {
        Map<String, AddressFlag> named = Map.of(
                "preferred", AddressFlag.PREFERRED, "virtual", AddressFlag.VIRTUAL, "route", AddressFlag.OF_ROUTE);
        Set<AddressFlag> flags = named.keySet().stream()
                .filter(name -> text.startsWith(name + ":"))
                .map(named::get)
                .collect(Collectors.toSet());
        String prefix = text.replaceFirst("^(preferred|virtual|route):", "");
        return new ObservedAddress(IpPrefix.parse(family, prefix), Optional.empty(), false, flags);
    }
}
