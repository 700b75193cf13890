package dev.iptunnel.bench;

import java.util.Collection;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;

/**
 * Measures planner and codecs by JMH, in JVMs that compile as the agent's does. The class path needs what JMH's annotation
 * processor makes of the classes that end in {@code Benchmark}. See e2e/bench.
 */
final class Microbenchmarks {
    private static final int FORKS = 2;
    private static final int WARM_UP = 5;
    private static final int ITERATIONS = 5;
    private static final TimeValue ITERATION = TimeValue.seconds(1);

    private Microbenchmarks() {}

    /** Prints figures. */
    public static void main(String... arguments) throws RunnerException {
        Collection<RunResult> results = new Runner(new OptionsBuilder()
                        .include("dev\\.iptunnel\\.bench\\..*")
                        .jvmArgs("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-XX:+UseCompactObjectHeaders")
                        .forks(FORKS)
                        .warmupIterations(WARM_UP)
                        .warmupTime(ITERATION)
                        .measurementIterations(ITERATIONS)
                        .measurementTime(ITERATION)
                        .shouldFailOnError(true)
                        .build())
                .run();
        results.forEach(Microbenchmarks::print);
    }

    private static void print(RunResult result) {
        Figure.of(
                        result.getPrimaryResult().getLabel().replace('_', ' '),
                        "us",
                        result.getBenchmarkResults().stream()
                                .flatMap(fork -> fork.getIterationResults().stream())
                                .mapToDouble(iteration ->
                                        iteration.getPrimaryResult().getScore())
                                .toArray())
                .print();
    }
}
