package dev.iptunnel.kernel;

import dev.iptunnel.tunnel.DeletionPolicy;
import dev.iptunnel.tunnel.DesiredTunnel;
import dev.iptunnel.tunnel.DesiredTunnelBuilder;
import dev.iptunnel.tunnel.IpFamily;
import dev.iptunnel.tunnel.LocalAddress;
import dev.iptunnel.tunnel.Mark;
import dev.iptunnel.tunnel.TunnelMode;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * An IpTunnel of a history. Names and endpoints are so few that objects often want the same; addresses and routes are
 * each object's own.
 *
 * @param number it is in the object's name
 * @param life how many objects of the history were made before it; it is in the UID
 * @param age of two the one with the greater is the younger
 * @param row the fields in the words of an IpTunnel; what it leaves out is {@code absent}
 */
record HistoryObject(int number, int life, int age, TunnelMode mode, Map<String, String> row) {
    private static final String PARENT = "under0";

    static Map<String, List<String>> columns(TunnelMode mode, int number) {
        boolean outer4 = mode.outer() == IpFamily.IPV4;
        String local = outer4 ? "192.0.2.1" : "2001:db8::1";
        String remote = outer4 ? "192.0.2.2" : "2001:db8::2";
        Map<String, List<String>> columns = new LinkedHashMap<>();
        columns.put("interfaceName", List.of("t0", "t1", "t2", "t3", "t4"));
        columns.putAll(DifferentialMatrix.columns(mode));
        columns.put("local", List.of(local, local, local, "any"));
        columns.put("localFrom", List.of("absent", "absent", "absent", PARENT));
        columns.put("remote", List.of(remote, remote, outer4 ? "192.0.2.3" : "2001:db8::3", "any"));
        columns.put("parent", List.of(PARENT, PARENT, "absent", "under1"));
        columns.put("adminState", List.of("Up", "Up", "Up", "Down"));
        columns.put("adoptionPolicy", List.of("Never", "IfIdentical"));
        columns.put("deletionPolicy", List.of("Delete", "Delete", "Delete", "Retain"));
        for (String inner : List.of("addresses", "routes")) {
            columns.computeIfPresent(inner, (_, values) -> values.stream()
                    .filter(value -> !value.contains("/0 "))
                    .map(value -> value.replace("10.9.", "10.1" + number + ".")
                            .replace("10.8.", "10.2" + number + ".")
                            .replace("fd09:", "fd1" + number + ":")
                            .replace("fd08:", "fd2" + number + ":"))
                    .toList());
        }
        return columns;
    }

    boolean isAllowed() {
        return DifferentialMatrix.isAllowed(row)
                && (word("localFrom").equals("absent") || !word("local").equals("any"));
    }

    String name() {
        return "o" + number;
    }

    String interfaceName() {
        return word("interfaceName");
    }

    Mark mark() {
        return new Mark(
                TunnelNode.MANAGER,
                "uid-" + number + "-" + life,
                word("deletionPolicy").equals("Retain") ? DeletionPolicy.RETAIN : DeletionPolicy.DELETE,
                name());
    }

    boolean isOlderThan(HistoryObject other) {
        return age != other.age
                ? age < other.age
                : mark().uid().compareTo(other.mark().uid()) < 0;
    }

    boolean isUp() {
        return word("adminState").equals("Up");
    }

    boolean adopts() {
        return word("adoptionPolicy").equals("IfIdentical");
    }

    boolean followsInterface() {
        return !word("localFrom").equals("absent");
    }

    String word(String column) {
        return spec().word(column);
    }

    DifferentialTunnel spec() {
        return new DifferentialTunnel(mode, row);
    }

    /** What the driver tells tunnels apart by. */
    List<String> endpoints() {
        return List.of(mode.driver().kind(), word("local"), word("remote"), word("parent"));
    }

    List<String> addresses() {
        return texts("addresses");
    }

    List<String> routes() {
        return texts("routes");
    }

    private List<String> texts(String column) {
        return Stream.of(word(column).split(", "))
                .filter(text -> !text.equals("absent"))
                .toList();
    }

    /** In each column the other has, too. */
    HistoryObject with(Map<String, String> columns) {
        Map<String, String> changed = new LinkedHashMap<>(row);
        columns.forEach(changed::replace);
        return new HistoryObject(number, life, age, mode, changed);
    }

    HistoryObject born(int newLife, int newAge) {
        return new HistoryObject(number, newLife, newAge, mode, row);
    }

    DesiredTunnel desired() {
        DesiredTunnelBuilder tunnel =
                spec().desired(interfaceName()).mark(mark()).created("2026-01-01T00:00:0" + age + "Z");
        if (followsInterface()) {
            tunnel.local(new LocalAddress.OfInterface(word("localFrom")));
        }
        return (adopts() ? tunnel.adoptIfIdentical() : tunnel).build();
    }

    @Override
    public String toString() {
        return name() + " uid " + mark().uid() + " age " + age + " " + mode + " "
                + row.entrySet().stream()
                        .filter(field -> !field.getValue().equals("absent"))
                        .map(Map.Entry::toString)
                        .collect(Collectors.joining(" "));
    }
}
