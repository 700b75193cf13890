package dev.iptunnel.scrape;

import static org.assertj.core.api.Assertions.assertThat;

import dev.iptunnel.scrape.Reviews.Verdict;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class CachedReviewsTest {
    private final Map<String, Verdict> verdicts =
            new HashMap<>(Map.of("prometheus", Verdict.ALLOWED, "guest", Verdict.FORBIDDEN));
    private final List<String> asked = new ArrayList<>();
    private final AtomicLong nanos = new AtomicLong();
    private boolean away;
    private final CachedReviews reviews = new CachedReviews(this::review, nanos::get);

    private Verdict review(String token) {
        asked.add(token);
        if (away) {
            throw new KubernetesClientException("connection refused");
        }
        return verdicts.getOrDefault(token, Verdict.UNAUTHENTICATED);
    }

    private void pass(Duration time) {
        nanos.addAndGet(time.toNanos());
    }

    @Test
    void a_token_that_is_allowed_is_not_asked_about_again_for_a_minute() {
        // given
        reviews.of("prometheus");
        pass(CachedReviews.ALLOWED.minusSeconds(1));
        reviews.of("prometheus");

        // when
        pass(Duration.ofSeconds(1));
        verdicts.clear();

        // then
        assertThat(asked).hasSize(1);
        assertThat(reviews.of("prometheus")).hasValue(Verdict.UNAUTHENTICATED);
    }

    @Test
    void a_token_that_is_denied_is_asked_about_again_after_ten_seconds() {
        // given
        Optional<Verdict> forbidden = reviews.of("guest");
        reviews.of("nobody");
        pass(CachedReviews.DENIED.minusSeconds(1));
        reviews.of("guest");
        reviews.of("nobody");

        // when
        pass(Duration.ofSeconds(1));
        verdicts.put("guest", Verdict.ALLOWED);

        // then
        assertThat(forbidden).hasValue(Verdict.FORBIDDEN);
        assertThat(asked).containsExactly("guest", "nobody");
        assertThat(reviews.of("guest")).hasValue(Verdict.ALLOWED);
    }

    @Test
    void without_the_API_server_only_a_token_that_it_allowed_is_allowed_for_ten_minutes() {
        // given
        reviews.of("prometheus");
        reviews.of("guest");
        away = true;
        pass(CachedReviews.ALLOWED_WITHOUT_API_SERVER.minusSeconds(1));

        // when
        List<Optional<Verdict>> during = List.of(reviews.of("prometheus"), reviews.of("guest"), reviews.of("unknown"));
        pass(Duration.ofSeconds(1));

        // then
        assertThat(during).containsExactly(Optional.of(Verdict.ALLOWED), Optional.empty(), Optional.empty());
        assertThat(reviews.of("prometheus")).isEmpty();
    }

    @Test
    void it_remembers_a_bounded_number_of_tokens() {
        // given
        reviews.of("prometheus");

        // when
        for (int i = 0; i < 300; i++) {
            reviews.of("guess" + i);
        }
        asked.clear();
        reviews.of("prometheus");
        reviews.of("guess299");

        // then
        assertThat(asked).containsExactly("prometheus");
    }
}
