package dev.iptunnel.apiserver;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class ApiServerContactTest {
    private static final URI WATCH = URI.create("https://192.0.2.1/apis/iptunnel.dev/v1alpha1/iptunnels?watch=true");

    private final AtomicLong nanos = new AtomicLong();
    private final ApiServerContact contact =
            new ApiServerContact(Clock.fixed(Instant.EPOCH, ZoneOffset.UTC), nanos::get);

    @Test
    void a_watch_that_was_never_open_has_no_silence() {
        assertThat(contact.silence("iptunnels")).isEmpty();
    }

    @Test
    void the_silence_of_a_watch_lasts_from_what_arrived_last_on_it() {
        contact.opened(WATCH);
        nanos.addAndGet(Duration.ofSeconds(20).toNanos());
        assertThat(contact.silence("iptunnels")).contains(Duration.ofSeconds(20));
        contact.heard(WATCH);
        nanos.addAndGet(Duration.ofSeconds(3).toNanos());

        contact.ended(WATCH);

        assertThat(contact.silence("iptunnels")).contains(Duration.ofSeconds(3));
    }

    /** Such as the answer to a status, which arrives on another connection. */
    @Test
    void what_arrives_elsewhere_does_not_end_the_silence_of_a_watch() {
        contact.opened(WATCH);
        nanos.addAndGet(Duration.ofSeconds(20).toNanos());

        contact.heard();
        contact.heard(URI.create("https://192.0.2.1/apis/discovery.k8s.io/v1/endpointslices"));

        assertThat(contact.silence("iptunnels")).contains(Duration.ofSeconds(20));
    }
}
