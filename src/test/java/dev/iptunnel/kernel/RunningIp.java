package dev.iptunnel.kernel;

import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A running {@code ip -force -batch}: one process for all commands with the same options, since User-Mode Linux takes
 * some 50 ms to make a process.
 *
 * <p>ip(8) caches what a long-lived process must not cache:
 *
 * <ol>
 *   <li>Names and indexes of interfaces. They are listed before each request, and after each command that gives a name. A
 *       new process replaces one that would take a name for another interface: {@code link show} after a rename, and {@code
 *       link set}, which has the cache forget the present interface, but not an earlier one that ip(8) did not delete.
 *   <li>The number of a table, protocol or group. Commands that name one run in a process of their own.
 *   <li>Whether links are shown, or addresses. There is one process for each.
 * </ol>
 */
final class RunningIp implements AutoCloseable {
    private static final Set<String> OPTIONS = Set.of("-d", "-j", "-o", "-4", "-6");

    private static final Set<String> OF_A_FAMILY = Set.of("-4", "-6");

    private static final Pattern SUITABLE =
            Pattern.compile("(link|address|route|tunnel|neigh|rule (add|del)|netns (add|del)).*");

    /**
     * A name that ip(8) has looked up before stands for the number that it read last: after {@code table 77}, {@code table
     * main} is 77. Comments and continued lines have no place in a request.
     */
    private static final Pattern UNSUITABLE =
            Pattern.compile(".* (table|lookup|proto|protocol|group) (?!all\\b)[a-z].*|.*[#\\\\\n].*", Pattern.DOTALL);

    /** What gives an interface a name. */
    private static final Pattern NAMING = Pattern.compile("(link|tunnel) add .*|link set .* name .*|link property .*");

    /** How what is shown of lo begins, without and with {@code -j}. */
    private static final Pattern LOOPBACK = Pattern.compile("1: lo:.*|\\[\\{\"ifindex\":1,\"ifname\":\"lo\",.*");

    /** An interface with its name, or an alternative name, without {@code -j}. */
    private static final Pattern PLAIN_NAMES =
            Pattern.compile("^(?<index>\\d+): (?<name>[^:@]+)|^ +altname (?<other>\\S+)", Pattern.MULTILINE);

    /** The same with {@code -j}. */
    private static final Pattern JSON_NAMES = Pattern.compile("\"ifindex\":(?<index>\\d+),(?:\"link[^,]*,)?"
            + "\"ifname\":\"(?<name>[^\"]+)\"|\"altnames\":\\[(?<other>[^]]*)]");

    private static final String DELETE = "link delete dev ";
    private static final String FAILED = "Command failed -:";

    private static final Map<Use, RunningIp> RUNNING = new HashMap<>();

    private final Use use;
    private final Process process;
    private final BufferedWriter commands;
    private final BufferedReader printed;
    private final Map<Integer, String> names = new HashMap<>();
    private int markers;
    private boolean ended;

    /** @param failed whether one of the commands failed */
    record Answer(boolean failed, String output) {}

    /** @param shown {@code link} or {@code address}: what has shown links shows no addresses any more */
    private record Use(List<String> options, String shown) {
        static Use of(List<String> options, List<String> commands) {
            boolean link = options.stream().anyMatch(OF_A_FAMILY::contains)
                    || commands.stream().anyMatch(command -> command.startsWith("link show"));
            return new Use(options, link ? "link" : "address");
        }

        boolean suits(String command) {
            return SUITABLE.matcher(command).matches()
                    && !UNSUITABLE.matcher(command).matches()
                    && !(shown.equals("link") && command.matches("address (show|flush).*"));
        }
    }

    private RunningIp(Use use) {
        this.use = use;
        List<String> command = Stream.of(List.of("ip"), use.options, List.of("-force", "-batch", "-"))
                .flatMap(List::stream)
                .toList();
        try {
            process = new ProcessBuilder(command).redirectErrorStream(true).start();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
        commands = process.outputWriter(StandardCharsets.UTF_8);
        printed = process.inputReader(StandardCharsets.UTF_8);
    }

    /** Runs one command, or nothing where that is another program's or needs a process of its own. */
    static Optional<Answer> answer(List<String> command) {
        List<String> options =
                command.stream().skip(1).takeWhile(OPTIONS::contains).toList();
        String words = command.stream()
                .skip(1 + options.size())
                .map(word -> word.matches("[^\\s\"']+") ? word : "'" + word + "'")
                .collect(Collectors.joining(" "));
        boolean quotable = command.stream().noneMatch(word -> word.contains("'"));
        return command.getFirst().equals("ip") && quotable ? answer(options, List.of(words)) : Optional.empty();
    }

    /**
     * Runs commands without their first word, also those after one that fails; or nothing where one of them needs a process
     * of its own.
     */
    static Optional<Answer> answer(List<String> options, List<String> commands) {
        Use use = Use.of(options, commands);
        return commands.stream().allMatch(use::suits) ? Optional.of(answer(use, commands)) : Optional.empty();
    }

    private static synchronized Answer answer(Use use, List<String> commands) {
        boolean failed = false;
        StringBuilder output = new StringBuilder();
        int done = 0;
        for (int next = 1; next <= commands.size(); next++) {
            if (next == commands.size()
                    || NAMING.matcher(commands.get(next - 1)).matches()) {
                Answer answer = informed(use).request(commands.subList(done, next));
                failed |= answer.failed;
                output.append(answer.output);
                done = next;
            }
        }
        return new Answer(failed, output.toString());
    }

    /** A process that knows the present names. */
    private static RunningIp informed(Use use) {
        RunningIp running = RUNNING.computeIfAbsent(use, RunningIp::new);
        if (running.ended || running.isMisled()) {
            running.close();
            running = new RunningIp(use);
            RUNNING.put(use, running);
            running.isMisled();
        }
        return running;
    }

    /** Lists the interfaces; whether a name that ip(8) has seen is that of another now. */
    private boolean isMisled() {
        Map<Integer, String> present = namesIn(request(List.of(use.shown + " show")).output);
        boolean renamed = present.entrySet().stream()
                .anyMatch(entry ->
                        !names.getOrDefault(entry.getKey(), entry.getValue()).equals(entry.getValue()));
        boolean succeeded = names.entrySet().stream()
                .anyMatch(entry -> !present.containsKey(entry.getKey()) && present.containsValue(entry.getValue()));
        names.putAll(present);
        return renamed || (succeeded && use.options.isEmpty());
    }

    /** Name and alternative names of each interface, by index. */
    private static Map<Integer, String> namesIn(String interfaces) {
        Map<Integer, String> found = new HashMap<>();
        int index = 0;
        Matcher matcher = (interfaces.startsWith("[") ? JSON_NAMES : PLAIN_NAMES).matcher(interfaces);
        while (matcher.find()) {
            if (matcher.group("other") == null) {
                index = Integer.parseInt(matcher.group("index"));
                found.put(index, matcher.group("name"));
            } else {
                found.merge(index, matcher.group("other"), (names, other) -> names + " " + other);
            }
        }
        return found;
    }

    private Answer request(List<String> requests) {
        String marker = "marker" + markers++;
        try {
            for (String request : requests) {
                commands.write(request + "\n");
            }
            // ip(8) holds back what it prints until it shows an interface.
            commands.write(use.shown + " show dev lo\n" + marker + "\n");
            commands.flush();
            Answer answer = answerBefore("Object \"" + marker + "\" is unknown, try \"ip help\".");
            if (!answer.failed) {
                requests.forEach(this::forget);
            }
            boolean again = answer.output.contains(Iproute2.INTERRUPTED)
                    && requests.stream().allMatch(request -> request.contains(" show"));
            return again ? request(requests) : answer;
        } catch (IOException e) {
            throw new AssertionError("ip -batch: " + requests, e);
        }
    }

    /** A deletion that succeeds takes the interface out of the cache. */
    private void forget(String request) {
        if (request.startsWith(DELETE)) {
            names.values().remove(request.substring(DELETE.length()));
        }
    }

    /** Reads to the complaint about an unknown word, which marks the end. At an error of syntax, ip(8) exits. */
    private Answer answerBefore(String complaint) throws IOException {
        boolean failed = false;
        List<String> lines = new ArrayList<>();
        String line = printed.readLine();
        for (; line != null && !line.equals(complaint); line = printed.readLine()) {
            failed |= line.startsWith(FAILED);
            lines.add(line);
        }
        if (line == null) {
            ended = true;
            return new Answer(true, text(lines));
        }
        printed.readLine(); // "Command failed", of the unknown word
        int end = lines.size() - 1;
        while (end > 0 && !LOOPBACK.matcher(lines.get(end)).matches()) {
            end--;
        }
        return new Answer(failed, text(lines.subList(0, end)));
    }

    private static String text(List<String> lines) {
        return lines.stream().map(line -> line + "\n").collect(Collectors.joining());
    }

    @Override
    public void close() {
        process.destroy();
    }
}
