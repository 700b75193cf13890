package dev.iptunnel.tunnel;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TunnelMtuTest {
    private static final OptionalInt NO_LIMIT = OptionalInt.empty();

    private static TunnelParameters of(TunnelMode mode, OptionalInt encapsulationLimit) {
        OuterHeader header = new OuterHeader(64, OptionalInt.of(0), true, encapsulationLimit, OptionalInt.of(0));
        return DesiredTunnelBuilder.of(Marks.of("to-berlin"), mode)
                .outerHeader(header)
                .build()
                .parameters(mode.outer().any(), 0);
    }

    /** The values that kernels 5.10 to 7.2 were seen to derive. */
    @ParameterizedTest
    @CsvSource({
        "1500, 1480, 1480, 1452, 1460",
        "1492, 1472, 1472, 1444, 1452",
        "9000, 8980, 8980, 8952, 8960",
        "1280, 1260, 1280, 1280, 1280",
    })
    void is_what_the_kernel_derives(int outer, int ipip, int sit, int ip6tnlWithLimit, int ip6tnlWithout) {
        // given
        OptionalInt outerMtu = OptionalInt.of(outer);

        // when
        int[] derived = {
            TunnelMtu.derived(of(TunnelMode.IPIP, NO_LIMIT), outerMtu),
            TunnelMtu.derived(of(TunnelMode.SIT, NO_LIMIT), outerMtu),
            TunnelMtu.derived(of(TunnelMode.IP6IP6, OptionalInt.of(4)), outerMtu),
            TunnelMtu.derived(of(TunnelMode.IP6IP6, NO_LIMIT), outerMtu),
        };

        // then
        assertThat(derived).containsExactly(ipip, sit, ip6tnlWithLimit, ip6tnlWithout);
    }

    @ParameterizedTest
    @CsvSource({"IPIP, 1480", "SIT, 1480", "IP6IP6, 1460", "IPIP6, 1460"})
    void is_derived_from_ethernet_if_the_outer_path_is_not_known(TunnelMode mode, int expected) {
        // given
        OptionalInt unknown = OptionalInt.empty();

        // when
        int derived = TunnelMtu.derived(of(mode, NO_LIMIT), unknown);

        // then
        assertThat(derived).isEqualTo(expected);
    }

    @ParameterizedTest
    @CsvSource({"IPIP, 68", "SIT, 1280", "IP6IP6, 1280", "IPIP6, 1280"})
    void is_never_less_than_the_drivers_minimum(TunnelMode mode, int expected) {
        // given
        OptionalInt tiny = OptionalInt.of(68);

        // when
        int derived = TunnelMtu.derived(of(mode, NO_LIMIT), tiny);

        // then
        assertThat(derived).isEqualTo(expected);
    }

    /** The loopback interface has the MTU 65536. It carries a tunnel to an address of the node itself. */
    @ParameterizedTest
    @CsvSource({"IPIP, 65515", "SIT, 65555", "IP6IP6, 65535", "IPIP6, 65495"})
    void is_never_more_than_the_kernel_accepts(TunnelMode mode, int limit) {
        // given
        OptionalInt loopback = OptionalInt.of(65536);

        // when
        int derived = TunnelMtu.derived(of(mode, NO_LIMIT), loopback);

        // then
        assertThat(derived).isLessThanOrEqualTo(limit);
    }

    @Test
    void does_not_depend_on_the_inner_protocol_of_ip6_tunnel() {
        // given
        OptionalInt outerMtu = OptionalInt.of(1400);

        // when
        int ipip6 = TunnelMtu.derived(of(TunnelMode.IPIP6, NO_LIMIT), outerMtu);

        // then
        assertThat(ipip6).isEqualTo(TunnelMtu.derived(of(TunnelMode.IP6IP6, NO_LIMIT), outerMtu));
    }

    /** On a path with the minimum MTU of IPv6, less fits than the smallest MTU that the kernel accepts. */
    @ParameterizedTest
    @CsvSource({"IPIP, -1, 1260", "SIT, -1, 1260", "IP6IP6, -1, 1240", "IP6IP6, 4, 1232", "IPIP6, -1, 1240"})
    void fits_into_the_room_that_the_outer_header_leaves(TunnelMode mode, int encapsulationLimit, int expected) {
        // given
        OptionalInt limit = encapsulationLimit < 0 ? NO_LIMIT : OptionalInt.of(encapsulationLimit);

        // when
        int fitting = TunnelMtu.fitting(of(mode, limit), OptionalInt.of(1280));

        // then
        assertThat(fitting).isEqualTo(expected);
    }
}
