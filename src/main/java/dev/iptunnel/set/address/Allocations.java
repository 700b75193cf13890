package dev.iptunnel.set.address;

import dev.iptunnel.tunnel.IpFamily;
import java.net.InetAddress;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * Which node has which inner address, and which addresses nodes had before.
 *
 * @param addresses by node
 * @param freed the one that was freed last is last
 */
public record Allocations(SortedMap<String, InetAddress> addresses, List<Freed> freed) {
    public static final Allocations NONE = new Allocations(new TreeMap<>(), List.of());

    /** No node has this name: a node's name has no underscore. */
    private static final String FREED = "_freed";

    public Allocations {
        addresses = Collections.unmodifiableSortedMap(new TreeMap<>(addresses));
        freed = List.copyOf(freed);
    }

    /**
     * An address that a node had.
     *
     * @param until when another node may get it (wall clock). The entry is kept longer, so that the node gets its address
     *     back, and that others get it last.
     */
    public record Freed(String node, InetAddress address, Instant until) {}

    /**
     * What a ConfigMap says.
     *
     * @param errors what cannot be understood, as sentences; then {@code allocations} must not be used
     */
    public record Parsed(Allocations allocations, List<String> errors) {}

    /** How many freed addresses no other node may get yet. */
    public int quarantined(Instant now) {
        return (int) freed.stream().filter(entry -> now.isBefore(entry.until())).count();
    }

    /** The data of a ConfigMap: a key for each node, and one for the freed addresses. */
    public SortedMap<String, String> toData() {
        SortedMap<String, String> data = new TreeMap<>();
        addresses.forEach((node, address) -> data.put(node, IpFamily.format(address)));
        if (!freed.isEmpty()) {
            data.put(
                    FREED,
                    freed.stream()
                            .map(entry ->
                                    IpFamily.format(entry.address()) + " " + entry.node() + " " + entry.until() + "\n")
                            .collect(Collectors.joining()));
        }
        return data;
    }

    /** Reads what {@link #toData} wrote. */
    public static Parsed parse(IpFamily family, Map<String, String> data) {
        SortedMap<String, InetAddress> addresses = new TreeMap<>();
        List<Freed> freed = new ArrayList<>();
        List<String> errors = new ArrayList<>();
        Map<InetAddress, String> holders = new HashMap<>();
        new TreeMap<>(data).forEach((key, value) -> {
            if (key.equals(FREED)) {
                value.lines().forEach(line -> readFreed(family, line, freed, errors));
                return;
            }
            try {
                InetAddress address = family.parse(value);
                addresses.put(key, address);
                String holder = holders.putIfAbsent(address, key);
                if (holder != null) {
                    errors.add("nodes " + holder + " and " + key + " both have " + value);
                }
            } catch (IllegalArgumentException e) {
                errors.add("node " + key + ": " + e.getMessage());
            }
        });
        return new Parsed(new Allocations(addresses, freed), List.copyOf(errors));
    }

    private static void readFreed(IpFamily family, String line, List<Freed> freed, List<String> errors) {
        String[] words = line.split(" ", -1);
        if (words.length != 3) {
            errors.add("a line of " + FREED + " is \"" + line + "\", not ADDRESS NODE TIME");
            return;
        }
        try {
            freed.add(new Freed(words[1], family.parse(words[0]), Instant.parse(words[2])));
        } catch (IllegalArgumentException | DateTimeParseException e) {
            errors.add("a line of " + FREED + ": " + e.getMessage());
        }
    }
}
