package dev.iptunnel.kernel;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;

/** A running {@code ip -batch}: one process for many commands, since User-Mode Linux is slow to make one. */
final class IpBatch implements AutoCloseable {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int MOST_TIMES_AGAIN = 200;
    private static final Duration PAUSE = Duration.ofMillis(10);
    private static final String LOOPBACK = "[{\"ifindex\":1,";

    private final Process process;
    private final BufferedWriter commands;
    private final BufferedReader answers;

    /** @param options of ip(8) for all commands, such as {@code -6} */
    IpBatch(String... options) {
        List<String> command = Stream.of(
                        Stream.of("ip"), Stream.of(options), Stream.of("-d", "-j", "-force", "-batch", "-"))
                .flatMap(words -> words)
                .toList();
        try {
            process = new ProcessBuilder(command).redirectErrorStream(true).start();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
        commands = process.outputWriter(StandardCharsets.UTF_8);
        answers = process.inputReader(StandardCharsets.UTF_8);
    }

    /**
     * Runs a command that prints nothing; fails with what it prints. The kernel makes the route to an IPv6 address's peer a
     * moment after the address: a route by way of that peer is typed again.
     */
    void run(String command) {
        List<String> printed = printed(command);
        for (int again = 0; again < MOST_TIMES_AGAIN && printed.toString().contains("No route to host"); again++) {
            LockSupport.parkNanos(PAUSE.toNanos());
            printed = printed(command);
        }
        if (!printed.isEmpty()) {
            throw new AssertionError("ip " + command + ": " + String.join("; ", printed));
        }
    }

    /** Runs a command, whatever comes of it. */
    void attempt(String command) {
        printed(command);
    }

    private List<String> printed(String command) {
        send(command);
        // An answer that comes after all that the command may have printed.
        send("link show dev lo");
        List<String> printed = new ArrayList<>();
        for (String line = answer(command); !line.startsWith(LOOPBACK); line = answer(command)) {
            printed.add(line);
        }
        return printed;
    }

    /** What a command shows; asked again where something changed meanwhile, which ip(8) warns of in a line of its own. */
    JsonNode show(String command) {
        send(command);
        String answer = answer(command);
        while (answer.startsWith(Iproute2.INTERRUPTED)) {
            answer(command);
            send(command);
            answer = answer(command);
        }
        try {
            return JSON.readTree(answer);
        } catch (IOException e) {
            throw new AssertionError("ip " + command + ": " + answer, e);
        }
    }

    private String answer(String command) {
        try {
            String answer = answers.readLine();
            if (answer == null) {
                throw new AssertionError("ip " + command + ": ended");
            }
            return answer;
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private void send(String command) {
        try {
            commands.write(command + "\n");
            commands.flush();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    @Override
    public void close() {
        process.destroy();
    }
}
