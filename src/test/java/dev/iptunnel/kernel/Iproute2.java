package dev.iptunnel.kernel;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.iptunnel.kernel.RunningIp.Answer;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/** The oracle: iproute2, and what it prints of the kernel. */
final class Iproute2 {
    /** How ip(8) warns of a dump that a change came into (NLM_F_DUMP_INTR). */
    static final String INTERRUPTED = "Dump was interrupted";

    /** What a driver makes when it is loaded, for as long as it is; nobody can remove it. */
    private static final Set<String> FALLBACK_DEVICES = Set.of(
            "tunl0", "sit0", "ip6tnl0", "gre0", "gretap0", "erspan0", "ip6gre0", "ip6gretap0", "ip_vti0", "ip6_vti0");

    private static final ObjectMapper JSON = new ObjectMapper();

    private Iproute2() {}

    /** Runs a command, words separated by spaces; fails with its output where it fails. */
    static String run(String command) {
        return run(List.of(command.split(" ")));
    }

    static String run(List<String> command) {
        return output(command, RunningIp.answer(command).orElseGet(() -> ofOwnProcess(command, "")));
    }

    /** Commands of ip(8) without their first word; fails with the output where one fails. */
    static void batch(String... commands) {
        List<String> lines = List.of(commands);
        output(
                lines,
                RunningIp.answer(List.of(), lines)
                        .orElseGet(() -> ofOwnProcess(List.of("ip", "-batch", "-"), String.join("\n", lines))));
    }

    /** In another network namespace, which no process keeps when it is deleted. */
    static void batchIn(String namespace, String... commands) {
        String lines = String.join("\n", commands);
        output(List.of(namespace, lines), ofOwnProcess(List.of("ip", "-netns", namespace, "-batch", "-"), lines));
    }

    private static String output(List<String> commands, Answer answer) {
        if (answer.failed()) {
            throw new AssertionError(commands + ": " + answer.output());
        }
        return answer.output();
    }

    private static Answer ofOwnProcess(List<String> command, String input) {
        Answer answer = once(command, input);
        while (answer.output().startsWith(INTERRUPTED)) {
            answer = once(command, input);
        }
        return answer;
    }

    private static Answer once(List<String> command, String input) {
        try {
            Process process =
                    new ProcessBuilder(command).redirectErrorStream(true).start();
            try (OutputStream stdin = process.getOutputStream()) {
                stdin.write(input.getBytes(StandardCharsets.UTF_8));
            }
            String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            return new Answer(process.waitFor() != 0, output);
        } catch (IOException e) {
            throw new AssertionError(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
    }

    /** Removes interfaces, of which others may remove some at the same time: an agent, or a namespace that ends. */
    static void removeAllBut(Set<String> kept) {
        Instant deadline = Instant.now().plusSeconds(30);
        for (List<String> rest = removable(kept); !rest.isEmpty(); rest = removable(kept)) {
            if (Instant.now().isAfter(deadline)) {
                throw new AssertionError("not removed: " + rest);
            }
            tries(rest.stream().map(name -> "link delete dev " + name).toList());
        }
    }

    private static List<String> removable(Set<String> kept) {
        return interfaceNames().stream()
                .filter(name -> !kept.contains(name) && !FALLBACK_DEVICES.contains(name))
                .toList();
    }

    /** As {@link #batch}, but goes on after a command that fails; first those that begin with {@code -6}. */
    static void tries(List<String> commands) {
        for (boolean ipv6 : List.of(true, false)) {
            List<String> options = ipv6 ? List.of("-6") : List.of();
            List<String> lines = commands.stream()
                    .filter(command -> command.startsWith("-6 ") == ipv6)
                    .map(command -> command.replaceFirst("^-6 ", ""))
                    .toList();
            if (!lines.isEmpty()) {
                tries(options, lines);
            }
        }
    }

    private static void tries(List<String> options, List<String> lines) {
        List<String> ip = Stream.of(List.of("ip"), options, List.of("-force", "-batch", "-"))
                .flatMap(List::stream)
                .toList();
        if (RunningIp.answer(options, lines).isEmpty()) {
            ofOwnProcess(ip, String.join("\n", lines));
        }
    }

    /**
     * {@code ip -d -j link show}, without what differs between two devices that are alike, and without the bounds of the
     * MTU, which {@code ipip} has where {@code SIOCADDTUNNEL} made it and lacks where {@code RTM_NEWLINK} did.
     */
    static JsonNode link(String name) {
        ObjectNode link = (ObjectNode) parse(run("ip -d -j link show dev " + name));
        return link.remove(List.of("ifindex", "ifname", "ifalias", "permaddr", "min_mtu", "max_mtu"));
    }

    /** The counters of {@code ip -s -j link show}, those of both directions. */
    static JsonNode statistics(String name) {
        return parse(run("ip -s -j link show dev " + name)).get("stats64");
    }

    /** All that is known of a device, once its addresses are settled: parameters, flags, alias, addresses. */
    static String device(String name) {
        Instant deadline = Instant.now().plusSeconds(10);
        String device = run("ip -d -j address show dev " + name);
        while (device.contains("\"tentative\"")) {
            if (Instant.now().isAfter(deadline)) {
                throw new AssertionError("not settled: " + device);
            }
            device = run("ip -d -j address show dev " + name);
        }
        return device;
    }

    static String ifindexIn(String namespace, String name) {
        return run("ip netns exec " + namespace + " cat /sys/class/net/" + name + "/ifindex")
                .strip();
    }

    static int ifindex(String name) {
        return Integer.parseInt(attribute(name, "ifindex"));
    }

    static int mtu(String name) {
        return Integer.parseInt(attribute(name, "mtu"));
    }

    /** The kernel makes the operational state of the carrier in its own time (net/core/link_watch.c). */
    static void awaitOperState(String name, String operState) {
        Instant deadline = Instant.now().plusSeconds(10);
        while (!link(name).get("operstate").asText().equals(operState)) {
            if (Instant.now().isAfter(deadline)) {
                throw new AssertionError("not " + operState + ": " + link(name));
            }
        }
    }

    /** The kernel makes the routes to addresses of IPv6, the link-local one last, a moment after a device is up. */
    static void awaitIpv6(String... names) {
        Instant deadline = Instant.now().plusSeconds(10);
        for (String name : names) {
            while (!run("ip -6 route show table 255 dev " + name).contains("local fe80:")) {
                if (Instant.now().isAfter(deadline)) {
                    throw new AssertionError("no link-local address of " + name);
                }
            }
        }
    }

    static String alias(String name) {
        return attribute(name, "ifalias");
    }

    private static String attribute(String name, String attribute) {
        try {
            return Files.readString(Path.of("/sys/class/net", name, attribute)).strip();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    /** What the driver was told, {@code info_data} of {@code ip -d -j link show}. */
    static JsonNode parameters(String name) {
        return link(name).at("/linkinfo/info_data");
    }

    /** {@code ip route show} with these words, of the family of the first, a line a route. */
    static List<String> routes(String selector) {
        return run("ip -" + (selector.contains(":") ? 6 : 4) + " route show " + selector)
                .lines()
                .map(String::strip)
                .toList();
    }

    static boolean exists(String name) {
        return interfaceNames().contains(name);
    }

    /** The global addresses with their prefix lengths, in the kernel's order. */
    static List<String> addresses(String name) {
        List<String> addresses = new ArrayList<>();
        for (JsonNode address : parse(run("ip -j address show dev " + name)).get("addr_info")) {
            if (!address.get("scope").asText().equals("link")) {
                addresses.add(address.get("local").asText() + "/"
                        + address.get("prefixlen").asInt());
            }
        }
        return addresses;
    }

    static List<String> interfaceNames() {
        List<String> names = new ArrayList<>();
        try {
            JSON.readTree(run("ip -j link show"))
                    .forEach(link -> names.add(link.get("ifname").asText()));
        } catch (IOException e) {
            throw new AssertionError(e);
        }
        return names;
    }

    private static JsonNode parse(String json) {
        try {
            return JSON.readTree(json).get(0);
        } catch (IOException e) {
            throw new AssertionError(json, e);
        }
    }
}
