package dev.iptunnel.tunnel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class IpPrefixTest {
    @ParameterizedTest
    @CsvSource({
        "IPV4, 192.0.2.1/30, 192.0.2.1/30",
        "IPV4, 192.0.2.1/32, 192.0.2.1/32",
        "IPV4, 0.0.0.0/0, 0.0.0.0/0",
        "IPV6, 2001:DB8:0::1/64, 2001:db8::1/64",
        "IPV6, fd00::1/128, fd00::1/128",
        "IPV6, ::/0, ::/0",
    })
    void keeps_host_bits_and_prints_the_canonical_address(IpFamily family, String written, String canonical) {
        // when
        IpPrefix prefix = IpPrefix.parse(family, written);

        // then
        assertThat(prefix).hasToString(canonical);
    }

    @ParameterizedTest
    @CsvSource({
        "IPV4, 192.0.2.1",
        "IPV4, 192.0.2.1/",
        "IPV4, /24",
        "IPV4, 192.0.2.1/33",
        "IPV4, 192.0.2.1/-1",
        "IPV4, 192.0.2.1/+8",
        "IPV4, 192.0.2.1/024",
        "IPV4, 192.0.2.1/24/24",
        "IPV4, 192.0.2.1/255.255.255.0",
        "IPV4, 192.0.2.1/99999999999",
        "IPV4, 192.0.2/24",
        "IPV4, 2001:db8::1/64",
        "IPV6, 2001:db8::1/129",
        "IPV6, 192.0.2.1/24",
        "IPV6, ::ffff:192.0.2.1/120",
        "IPV6, fe80::1%eth0/64",
        "IPV6, 2001:db8::1/ 64",
        "IPV4, ''",
    })
    void refuses_text_that_is_not_an_address_with_a_prefix_length(IpFamily family, String written) {
        // when
        var refused = assertThatIllegalArgumentException().isThrownBy(() -> IpPrefix.parse(family, written));

        // then
        refused.withMessageNotContaining("Exception");
    }

    @ParameterizedTest
    @CsvSource({"IPV4, 192.0.2.1, 192.0.2.1/30", "IPV6, 2001:db8::1, 2001:db8::1/64"})
    void says_how_to_write_a_prefix_of_the_family(IpFamily family, String written, String example) {
        // when
        var refused = assertThatIllegalArgumentException().isThrownBy(() -> IpPrefix.parse(family, written));

        // then
        refused.withMessage("\"" + written + "\" is not ADDRESS/PREFIX-LENGTH, such as " + example);
    }

    @Test
    void says_which_lengths_fit() {
        // when
        var refused =
                assertThatIllegalArgumentException().isThrownBy(() -> IpPrefix.parse(IpFamily.IPV4, "192.0.2.1/33"));

        // then
        refused.withMessage("a prefix length of 33 does not fit IPv4; write 0 to 32");
    }

    @Test
    void differs_with_another_length() {
        // given
        IpPrefix prefix = IpPrefix.parse(IpFamily.IPV4, "192.0.2.1/30");

        // when
        IpPrefix wider = IpPrefix.parse(IpFamily.IPV4, "192.0.2.1/24");

        // then
        assertThat(wider).isNotEqualTo(prefix);
    }

    @ParameterizedTest
    @CsvSource({
        "IPV4, 10.9.3.7/16, 10.9.0.0/16",
        "IPV4, 10.9.3.7/22, 10.9.0.0/22",
        "IPV4, 10.9.3.7/31, 10.9.3.6/31",
        "IPV4, 10.9.3.7/32, 10.9.3.7/32",
        "IPV4, 255.255.255.255/0, 0.0.0.0/0",
        "IPV6, fd00:7:8:9::1/47, fd00:7:8::/47",
        "IPV6, fd00:7::ff/121, fd00:7::80/121",
        "IPV6, ::ffff/0, ::/0",
    })
    void has_a_network_without_host_bits(IpFamily family, String written, String network) {
        // when
        IpPrefix without = IpPrefix.parse(family, written).network();

        // then
        assertThat(without).hasToString(network);
    }

    @ParameterizedTest
    @CsvSource({
        "10.9.3.7/16, 10.9.255.255, true",
        "10.9.3.7/16, 10.10.0.0, false",
        "10.9.3.6/31, 10.9.3.7, true",
        "10.9.3.6/32, 10.9.3.7, false",
        "0.0.0.0/0, 192.0.2.1, true",
        "0.0.0.0/0, 2001:db8::1, false",
        "::/0, 192.0.2.1, false",
        "fd00:7::/64, fd00:7::1:2, true",
        "fd00:7::/64, fd00:7:0:1::, false",
    })
    void contains_addresses_of_its_family_and_network(String prefix, String address, boolean expected) {
        // given
        IpPrefix network = IpPrefix.parse(familyOf(prefix), prefix);

        // when
        boolean contained = network.contains(familyOf(address).parse(address));

        // then
        assertThat(contained).isEqualTo(expected);
    }

    private static IpFamily familyOf(String text) {
        return text.contains(":") ? IpFamily.IPV6 : IpFamily.IPV4;
    }

    @ParameterizedTest
    @CsvSource({
        "10.0.0.0/8, 10.96.0.0/12, true, true",
        "10.96.0.0/12, 10.0.0.0/8, false, true",
        "10.96.0.0/12, 10.96.0.0/12, true, true",
        "10.96.0.0/12, 10.112.0.0/12, false, false",
    })
    void covers_networks_within_it_and_overlaps_networks_that_share_addresses(
            String one, String other, boolean covers, boolean overlaps) {
        IpPrefix network = IpPrefix.parse(IpFamily.IPV4, one);

        assertThat(network.covers(IpPrefix.parse(IpFamily.IPV4, other))).isEqualTo(covers);
        assertThat(network.overlaps(IpPrefix.parse(IpFamily.IPV4, other))).isEqualTo(overlaps);
    }

    @ParameterizedTest
    @CsvSource({
        "IPV4, 192.0.2.0/24, '', 192.0.2.0",
        "IPV4, 192.0.2.9/24, 198.51.100.0/24, 192.0.2.0",
        "IPV4, 192.0.2.0/24, 192.0.2.0/32, 192.0.2.1",
        "IPV4, 192.0.2.0/24, 192.0.2.1/32, 192.0.2.0",
        "IPV4, 192.0.2.0/24, 192.0.2.0/25 192.0.2.128/26, 192.0.2.192",
        "IPV4, 192.0.2.0/31, 192.0.2.0/32, 192.0.2.1",
        "IPV4, 0.0.0.0/0, 0.0.0.0/8, 1.0.0.0",
        "IPV6, 2001:db8::/64, 2001:db8::/128, 2001:db8::1",
        "IPV6, 2001:db8::/32, 2001:db8::/33, 2001:db8:8000::",
    })
    void finds_the_first_address_that_other_prefixes_do_not_cover(
            IpFamily family, String written, String others, String address) {
        assertThat(IpPrefix.parse(family, written).firstOutside(all(family, others)))
                .contains(family.parse(address));
    }

    @ParameterizedTest
    @CsvSource({
        "IPV4, 192.0.2.0/24, 192.0.2.0/24",
        "IPV4, 192.0.2.0/24, 192.0.0.0/16",
        "IPV4, 192.0.2.0/24, 192.0.2.128/25 192.0.2.0/25",
        "IPV4, 192.0.2.1/32, 192.0.2.1/32",
        "IPV6, 2001:db8::/32, 2001:db8:8000::/33 2001:db8::/33",
    })
    void finds_no_address_where_other_prefixes_cover_them_all(IpFamily family, String written, String others) {
        assertThat(IpPrefix.parse(family, written).firstOutside(all(family, others)))
                .isEmpty();
    }

    private static List<IpPrefix> all(IpFamily family, String prefixes) {
        return Stream.of(prefixes.split(" "))
                .filter(prefix -> !prefix.isEmpty())
                .map(prefix -> IpPrefix.parse(family, prefix))
                .toList();
    }
}
