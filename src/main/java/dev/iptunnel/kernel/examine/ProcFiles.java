package dev.iptunnel.kernel.examine;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Settings and counters in files of the kernel. What cannot be read is missing, or 0.
 *
 * @param root {@code /}, or a directory with the same files
 */
record ProcFiles(Path root) {
    private static final List<String> DELIVERED =
            List.of("InDelivers", "ForwDatagrams", "InHdrErrors", "InAddrErrors", "InUnknownProtos", "InDiscards");
    private static final List<String> DELIVERED6 = List.of(
            "Ip6InDelivers",
            "Ip6OutForwDatagrams",
            "Ip6InHdrErrors",
            "Ip6InAddrErrors",
            "Ip6InNoRoutes",
            "Ip6InUnknownProtos",
            "Ip6InDiscards",
            "Ip6InMcastPkts");

    /** A setting below {@code /proc/sys/net}, such as {@code ipv4/conf/all/rp_filter}. */
    Optional<Integer> setting(String name) {
        return lines("proc/sys/net/" + name).findFirst().map(String::strip).flatMap(ProcFiles::number);
    }

    private static Optional<Integer> number(String text) {
        return text.matches("-?[0-9]{1,9}") ? Optional.of(Integer.valueOf(text)) : Optional.empty();
    }

    /**
     * A counter of a file with two lines for each group, of the names and of the values.
     *
     * @param file {@code snmp} or {@code netstat}
     * @param group such as {@code Ip:}
     */
    long counter(String file, String group, String name) {
        List<List<String>> lines = lines("proc/net/" + file)
                .map(line -> List.of(line.split(" ")))
                .filter(words -> words.getFirst().equals(group))
                .toList();
        int at = lines.size() < 2 ? -1 : lines.getFirst().indexOf(name);
        return at < 0 || at >= lines.get(1).size()
                ? 0
                : Long.parseLong(lines.get(1).get(at));
    }

    /**
     * A counter of a file with a name and a value a line.
     *
     * @param file {@code snmp6}, or {@code dev_snmp6/INTERFACE}
     */
    long counter(String file, String name) {
        return lines("proc/net/" + file)
                .map(line -> line.split("\\s+"))
                .filter(words -> words.length == 2 && words[0].equals(name))
                .mapToLong(words -> Long.parseLong(words[1]))
                .findFirst()
                .orElse(0);
    }

    /**
     * Packets of IPv4 that were received and then neither delivered nor forwarded nor counted as wrong. Multicast and broadcast
     * are left out, of which a node drops many that nobody on it asked for.
     */
    long undelivered() {
        return counter("snmp", "Ip:", "InReceives")
                - DELIVERED.stream()
                        .mapToLong(name -> counter("snmp", "Ip:", name))
                        .sum()
                - counter("netstat", "IpExt:", "InMcastPkts")
                - counter("netstat", "IpExt:", "InBcastPkts");
    }

    /** The same of IPv6. */
    long undelivered6() {
        return counter("snmp6", "Ip6InReceives")
                - DELIVERED6.stream().mapToLong(name -> counter("snmp6", name)).sum();
    }

    /** Whether the kernel has IPv6. */
    boolean hasIpv6() {
        return Files.exists(root.resolve("proc/net/if_inet6"));
    }

    boolean hasModule(String name) {
        return Files.exists(root.resolve("sys/module").resolve(name));
    }

    /** Whether the kernel of this release can load the module; empty if its list of modules cannot be read. */
    Optional<Boolean> canLoad(String release, String name) {
        List<Path> lists = Stream.of("modules.dep", "modules.builtin")
                .map(list -> root.resolve("lib/modules").resolve(release).resolve(list))
                .filter(Files::isReadable)
                .toList();
        return lists.isEmpty()
                ? Optional.empty()
                : Optional.of(lists.stream()
                        .flatMap(ProcFiles::lines)
                        .anyMatch(line -> line.matches("([^:]*/)?" + name + "\\.ko(\\.[a-z]+)?(:.*)?")));
    }

    private Stream<String> lines(String file) {
        return lines(root.resolve(file));
    }

    private static Stream<String> lines(Path file) {
        try {
            return Files.readAllLines(file, StandardCharsets.ISO_8859_1).stream();
        } catch (IOException hidden) {
            return Stream.empty();
        }
    }
}
