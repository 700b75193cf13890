package dev.iptunnel.kernel;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** A run of ping(8) in a network namespace, up to 100 packets a second, and what became of each packet. */
final class Pings implements AutoCloseable {
    private static final Pattern PACKET = Pattern.compile("\\[([0-9.]+)] (.*)icmp_seq=([0-9]+).*");
    private static final int SOME = 20;

    private final Process process;
    private final BufferedReader output;
    private final Set<Integer> sent = new HashSet<>();
    private final Set<Integer> answered = new HashSet<>();

    private Pings(Process process) {
        this.process = process;
        this.output = process.inputReader(StandardCharsets.UTF_8);
    }

    /** @param words of ping(8), the address last */
    static Pings start(String namespace, String... words) {
        List<String> command = new ArrayList<>(List.of("nsenter", "--net=/run/netns/" + namespace, "ping"));
        // A line with the time for each packet, also for those without an answer.
        command.addAll(List.of("-D", "-O", "-i", "0.01", "-W", "1"));
        command.addAll(List.of(words));
        try {
            return new Pings(
                    new ProcessBuilder(command).redirectErrorStream(true).start());
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    /** Until it is known of some packets, sent after this was called, what became of them. */
    void awaitSome() {
        double now = System.currentTimeMillis() / 1e3;
        for (int recent = 0; recent < SOME; ) {
            String line = line();
            if (line == null) {
                throw new AssertionError("ping ended early: " + this);
            }
            Matcher packet = PACKET.matcher(line);
            if (packet.matches()) {
                account(packet);
                recent += Double.parseDouble(packet.group(1)) > now ? 1 : 0;
            }
        }
    }

    void awaitEnd() {
        for (String line = line(); line != null; line = line()) {
            Matcher packet = PACKET.matcher(line);
            if (packet.matches()) {
                account(packet);
            }
        }
    }

    private void account(Matcher packet) {
        int sequence = Integer.parseInt(packet.group(3));
        sent.add(sequence);
        if (packet.group(2).contains("bytes from")) {
            answered.add(sequence);
        }
    }

    private @Nullable String line() {
        try {
            return output.readLine();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    int answered() {
        return answered.size();
    }

    int lost() {
        return sent.size() - answered.size();
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }

    @Override
    public String toString() {
        return sent.size() + " sent, " + lost() + " lost";
    }
}
