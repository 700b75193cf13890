package dev.iptunnel.kernel;

import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.LongStream;
import net.jqwik.api.RandomGenerator;
import net.jqwik.api.Shrinkable;
import net.jqwik.api.sessions.JqwikSession;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Whatever objects are wanted, and whatever others do on the node, in a history of chance: after each reconciliation the
 * kernel holds of each object what iproute2 makes of its spec, or the object is refused for a reason that there is; what
 * others have stays as it is; and another reconciliation has nothing to do.
 *
 * <p>A seed stands for a history. {@code PROPERTY_SEED=17 PROPERTY_TRIES=100 e2e/test kernel} plays that of seed 17 and the
 * 99 after it in place of the usual ones, which are always the same: nobody's change fails for a history that is not its
 * doing.
 */
@Tag("kernel")
@Tag("differential")
@Tag("property")
class AnyHistoryKernelTest {
    /** The first three found something once. */
    private static final long[] USUAL = {3, 5, 430245002, 33, 35};

    private static final int STEPS = 8;
    private static final int SIZE = 1000;
    private static final Duration LONGEST_SHRINKING = Duration.ofMinutes(1);

    private static final Map<String, Integer> TALLY = new TreeMap<>();
    private static TypedOracle oracle;

    @RegisterExtension
    final TunnelNode node = new TunnelNode();

    @BeforeAll
    static void openOracle() {
        oracle = new TypedOracle();
    }

    @AfterAll
    static void closeOracle() {
        oracle.close();
        System.out.println("property: " + TALLY);
    }

    static LongStream seeds() {
        long tries = setting("PROPERTY_TRIES").orElse(1L);
        return setting("PROPERTY_SEED")
                .map(first -> LongStream.range(first, first + tries))
                .orElseGet(() -> LongStream.of(USUAL));
    }

    private static Optional<Long> setting(String name) {
        return Optional.ofNullable(System.getenv(name)).map(Long::valueOf);
    }

    @ParameterizedTest(name = "of seed {0}")
    @MethodSource("seeds")
    void the_kernel_holds_what_the_objects_ask_for_and_what_others_have_stays(long seed) {
        JqwikSession.run(() -> {
            Optional<Failure> failure = failureOf(seed, histories().next(new Random(seed)));
            if (failure.isPresent()) {
                AssertionError smaller = smallest(failure.get()).error();
                throw new AssertionError(
                        "seed " + seed + ", " + smaller.getMessage(),
                        failure.get().error());
            }
        });
    }

    private static RandomGenerator<History> histories() {
        return HistoryGenerator.histories(STEPS).generator(SIZE);
    }

    private record Failure(long seed, Shrinkable<History> history, AssertionError error) {}

    private Optional<Failure> failureOf(long seed, Shrinkable<History> history) {
        node.clear();
        try {
            HistoryRun.play(history.value(), new Random(seed), oracle, TALLY);
            return Optional.empty();
        } catch (AssertionError e) {
            return Optional.of(new Failure(seed, history, e));
        }
    }

    /** Of a history as small as is found in reasonable time. */
    private Failure smallest(Failure failure) {
        Instant end = Instant.now().plus(LONGEST_SHRINKING);
        Failure smallest = failure;
        Optional<Failure> smaller = Optional.of(failure);
        while (smaller.isPresent()) {
            smallest = smaller.get();
            smaller = smallest.history()
                    .shrink()
                    .takeWhile(_ -> Instant.now().isBefore(end))
                    .flatMap(candidate -> failureOf(failure.seed(), candidate).stream())
                    .findFirst();
        }
        return smallest;
    }
}
