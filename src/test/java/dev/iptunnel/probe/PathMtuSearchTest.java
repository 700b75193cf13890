package dev.iptunnel.probe;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PathMtuSearchTest {
    private static final int BASE = 576;
    /** Two for the first length, three for the base, fourteen halves, and twice more for the last one. */
    private static final int MOST_STEPS = 21;

    private int steps;

    private int result(PathMtuSearch search, int pathMtu, boolean tells) {
        steps = 0;
        PathMtuSearch at = search;
        while (!at.isOver()) {
            assertThat(++steps).as("%s with %d", at, pathMtu).isLessThanOrEqualTo(MOST_STEPS);
            if (at.next() <= pathMtu) {
                at = at.passed();
            } else {
                at = tells ? at.limited(pathMtu) : at.lost();
            }
        }
        return at.result();
    }

    @ParameterizedTest
    @ValueSource(ints = {68, 575, 576, 577, 578, 1000, 1280, 1480, 1500, 9000})
    void every_path_mtu_is_found_exactly(int mtu) {
        IntStream.rangeClosed(44, mtu + 1).forEach(path -> {
            int expected = path >= Math.min(mtu, BASE) ? Math.min(path, mtu) : 0;
            assertThat(result(PathMtuSearch.of(mtu, BASE), path, false))
                    .as("a path of %d", path)
                    .isEqualTo(expected);
        });
    }

    @ParameterizedTest
    @ValueSource(ints = {576, 1000, 1480, 9000})
    void a_router_that_tells_ends_the_search_in_two_steps(int mtu) {
        IntStream.rangeClosed(68, mtu).forEach(path -> {
            assertThat(result(PathMtuSearch.of(mtu, BASE), path, true)).isEqualTo(path);
            assertThat(steps).isLessThanOrEqualTo(2);
        });
    }

    @Test
    void what_passed_before_is_tried_first() {
        assertThat(result(PathMtuSearch.of(1480, BASE, 1380), 1380, false)).isEqualTo(1380);
        assertThat(steps).isEqualTo(3);
        assertThat(result(PathMtuSearch.of(1480, BASE, 1380), 1480, false)).isEqualTo(1480);
        assertThat(steps).isEqualTo(1);
        assertThat(result(PathMtuSearch.of(1480, BASE, 1380), 1300, false)).isEqualTo(1300);
    }

    /** One length in a hundred is lost although it passes. */
    @Test
    void a_loss_by_chance_is_corrected() {
        Random random = new Random(1);
        int wrong = 0;
        for (int run = 0; run < 1000; run++) {
            int path = 576 + random.nextInt(905);
            PathMtuSearch search = PathMtuSearch.of(1480, BASE);
            while (!search.isOver()) {
                search = search.next() <= path && random.nextInt(100) > 0 ? search.passed() : search.lost();
            }
            assertThat(search.result()).isLessThanOrEqualTo(path);
            wrong += search.result() == path ? 0 : 1;
        }
        assertThat(wrong).isZero();
    }
}
