package dev.iptunnel.tunnel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.net.InetAddress;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class IpFamilyTest {
    /** Left: one way to write an address. Right: the canonical way, RFC 5952 sections 4.1 to 4.3 and 5. */
    @ParameterizedTest
    @CsvSource({
        "2001:0db8::0001, 2001:db8::1",
        "2001:db8:0:0:0:0:2:1, 2001:db8::2:1",
        "2001:db8:0:1:1:1:1:1, 2001:db8:0:1:1:1:1:1",
        "2001:0:0:1:0:0:0:1, 2001:0:0:1::1",
        "2001:db8:0:0:1:0:0:1, 2001:db8::1:0:0:1",
        "2001:DB8::ABCD:EF01, 2001:db8::abcd:ef01",
        "2001:db8:aaaa:bbbb:cccc:dddd:eeee:0001, 2001:db8:aaaa:bbbb:cccc:dddd:eeee:1",
        "2001:db8::, 2001:db8::",
        "0:0:0:0:0:0:0:1, ::1",
        "0:0:0:0:0:0:0:0, ::",
        "1:0:0:0:0:0:0:0, 1::",
        "0:0:1:0:0:0:0:0, 0:0:1::",
        "fe80:0:0:0:200:5eff:fe00:5301, fe80::200:5eff:fe00:5301",
        "1:2:3:4:5:6:0:0, 1:2:3:4:5:6::",
        "0:0:3:4:5:6:7:8, ::3:4:5:6:7:8",
        "0:2:3:4:5:6:7:8, 0:2:3:4:5:6:7:8",
        "64:ff9b::192.0.2.33, 64:ff9b::c000:221",
    })
    void formats_ipv6_as_rfc_5952_says(String written, String canonical) {
        // given
        InetAddress address = IpFamily.IPV6.parse(written);

        // when
        String text = IpFamily.format(address);

        // then
        assertThat(text).isEqualTo(canonical);
        assertThat(IpFamily.IPV6.parse(text)).isEqualTo(address);
    }

    @ParameterizedTest
    @ValueSource(strings = {"192.0.2.1", "0.0.0.0", "255.255.255.255", "10.0.0.9"})
    void formats_ipv4_as_it_is_written(String written) {
        // given
        InetAddress address = IpFamily.IPV4.parse(written);

        // when
        String text = IpFamily.format(address);

        // then
        assertThat(text).isEqualTo(written);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "localhost",
                "2001:db8::1",
                "127.1",
                "192.0.2",
                "3221225985",
                "010.0.2.1",
                "192.0.2.01",
                "0x7f.0.0.1",
                "192.0.2.256",
                "192.0.2.1.1",
                " 192.0.2.1",
                "192.0.2.1 ",
                "192.0.2.1/24",
                "192.0.2.1%eth0",
                "::ffff:192.0.2.1",
            })
    void refuses_text_that_is_not_an_ipv4_address(String literal) {
        // when
        var refused = assertThatIllegalArgumentException().isThrownBy(() -> IpFamily.IPV4.parse(literal));

        // then
        refused.withMessageContaining(literal.strip());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "localhost",
                "192.0.2.1",
                "::ffff:192.0.2.1",
                "::ffff:c000:201",
                "fe80::1%eth0",
                "fe80::1%1",
                "[2001:db8::1]",
                "1::2::3",
                "12345::",
                "1:2:3:4:5:6:7",
                "1:2:3:4:5:6:7:8:9",
                ":1",
                "::g",
                "2001:db8::1/64",
                " ::1",
            })
    void refuses_text_that_is_not_an_ipv6_address(String literal) {
        // when
        var refused = assertThatIllegalArgumentException().isThrownBy(() -> IpFamily.IPV6.parse(literal));

        // then
        refused.withMessageContaining(literal.strip());
    }

    @ParameterizedTest
    @EnumSource
    void has_an_any_address_of_its_own_family(IpFamily family) {
        // when
        InetAddress any = family.any();

        // then
        assertThat(any.isAnyLocalAddress()).isTrue();
        assertThat(IpFamily.of(any)).isEqualTo(family);
        assertThat(any.getAddress()).hasSize(family.bits() / 8);
    }

    @Test
    void prints_as_IPv4_or_IPv6() {
        // when
        String text = IpFamily.IPV4 + " and " + IpFamily.IPV6;

        // then
        assertThat(text).isEqualTo("IPv4 and IPv6");
    }

    @ParameterizedTest
    @CsvSource({"IPV4, 2001:db8::1, IPv4", "IPV6, 192.0.2.1, IPv6", "IPV4, localhost, IPv4", "IPV6, 1::2::3, IPv6"})
    void says_which_family_it_wanted(IpFamily family, String literal, String wanted) {
        // when
        var refused = assertThatIllegalArgumentException().isThrownBy(() -> family.parse(literal));

        // then
        refused.withMessage("\"" + literal + "\" is not an " + wanted + " address");
    }
}
