package dev.iptunnel.kernel;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** The oracle: iproute2, and what it prints of the kernel. */
final class Iproute2 {
    private static final ObjectMapper JSON = new ObjectMapper();

    private Iproute2() {}

    /** Runs a command, words separated by spaces; fails with its output where it fails. */
    static String run(String command) {
        return run(List.of(command.split(" ")));
    }

    static String run(List<String> command) {
        try {
            Process process =
                    new ProcessBuilder(command).redirectErrorStream(true).start();
            String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            if (process.waitFor() != 0) {
                throw new AssertionError(command + ": " + output);
            }
            return output;
        } catch (IOException e) {
            throw new AssertionError(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
    }

    /** {@code ip -d -j link show}, without what differs between two devices that are alike. */
    static JsonNode link(String name) {
        ObjectNode link = (ObjectNode) parse(run("ip -d -j link show dev " + name));
        return link.remove(List.of("ifindex", "ifname", "ifalias", "permaddr"));
    }

    static int ifindex(String name) {
        return parse(run("ip -j link show dev " + name)).get("ifindex").intValue();
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
