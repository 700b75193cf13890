package dev.iptunnel.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class KernelReleaseTest {
    @ParameterizedTest
    @ValueSource(strings = {"4.19.0-27-amd64", "5.10.0-32-amd64", "5.17", "5.9.16"})
    void before_5_18_lacks_the_protocol_of_addresses(String release) {
        assertThat(new KernelRelease(release).lack())
                .hasValueSatisfying(lack -> assertThat(lack).startsWith("Linux " + release + " is older than 5.18"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"5.18.0", "5.19-rc1", "6.1.176", "6.12.113", "7.2.7", "10.0", "unknown", ""})
    void from_5_18_on_or_of_unknown_age_lacks_nothing(String release) {
        assertThat(new KernelRelease(release).lack()).isEmpty();
    }

    @Test
    void is_read_from_the_running_kernel() {
        assertThat(KernelRelease.running().text()).isEqualTo(System.getProperty("os.version"));
    }
}
