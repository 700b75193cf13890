package dev.iptunnel.tunnel;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class OuterHeaderTest {
    private static OuterHeader header(OptionalInt dscp) {
        return new OuterHeader(64, dscp, true, OptionalInt.empty(), OptionalInt.of(0));
    }

    /** EF is 46 and 0xb8 (RFC 3246). */
    @ParameterizedTest
    @CsvSource({"0, 0", "10, 0x28", "46, 0xb8", "63, 0xfc"})
    void leaves_the_ecn_bits_to_the_kernel(int dscp, String tos) {
        // when
        OptionalInt made = header(OptionalInt.of(dscp)).tos();

        // then
        assertThat(made).hasValue(Integer.decode(tos));
    }

    @Test
    void inherits_dscp_and_ecn_bits_together() {
        // when
        OptionalInt tos = header(OptionalInt.empty()).tos();

        // then
        assertThat(tos).isEmpty();
    }
}
