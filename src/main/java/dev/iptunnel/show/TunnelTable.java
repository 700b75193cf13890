package dev.iptunnel.show;

import dev.iptunnel.kernel.inventory.PresentTunnel;
import dev.iptunnel.netlink.link.LinkStatistics;
import dev.iptunnel.netlink.link.LinkStatistics.Counters;
import dev.iptunnel.observation.ObservedLink;
import dev.iptunnel.tunnel.Mark;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** A table of tunnels, in columns as kubectl prints them. */
public final class TunnelTable {
    private static final String NONE = "-";
    private static final String GAP = "   ";

    private record Column(String head, Function<ShownTunnel, String> cell) {}

    private TunnelTable() {}

    /**
     * The lines of the table.
     *
     * @param wide whether all columns are shown
     */
    public static List<String> lines(List<ShownTunnel> tunnels, boolean wide) {
        List<Column> columns = new ArrayList<>(narrow());
        if (wide) {
            columns.addAll(more());
        }
        if (tunnels.stream().anyMatch(tunnel -> tunnel.sync().isPresent())) {
            columns.add(new Column(
                    "SYNC", tunnel -> tunnel.sync().map(Sync::inWords).orElse("")));
        }
        List<List<String>> rows = new ArrayList<>();
        rows.add(columns.stream().map(Column::head).toList());
        tunnels.forEach(tunnel -> rows.add(columns.stream()
                .map(column -> column.cell().apply(tunnel))
                .map(cell -> cell.isEmpty() ? NONE : cell)
                .toList()));
        return aligned(rows);
    }

    private static List<Column> narrow() {
        return List.of(
                new Column("INTERFACE", ShownTunnel::name),
                new Column("MODE", ShownTunnel::mode),
                new Column("LOCAL", ShownTunnel::local),
                new Column("REMOTE", ShownTunnel::remote),
                new Column("PARENT", ShownTunnel::parent),
                new Column("MTU", ofLink(link -> Integer.toString(link.mtu()))),
                new Column("STATE", ofLink(TunnelTable::state)),
                new Column("OWNER", TunnelTable::owner),
                new Column("RX", received(Counters::packets)),
                new Column("TX", transmitted(Counters::packets)));
    }

    private static List<Column> more() {
        return List.of(
                new Column("IFINDEX", ofLink(link -> Integer.toString(link.index()))),
                new Column("RXBYTES", received(Counters::bytes)),
                new Column("TXBYTES", transmitted(Counters::bytes)),
                new Column("ADDRESSES", ofLink(link -> link.addresses().stream()
                        .map(address -> address.address().toString())
                        .collect(Collectors.joining(",")))),
                new Column(
                        "ROUTES",
                        ofLink(link -> Long.toString(link.routes().stream()
                                .filter(route -> !route.isKernels())
                                .count()))),
                new Column("MANAGER", ofMark(Mark::manager)),
                new Column("UID", ofMark(Mark::uid)));
    }

    /** {@code up} or {@code down}, or the operational state where that says more. */
    static String state(ObservedLink link) {
        if (!link.up()) {
            return "down";
        }
        return switch (link.operState()) {
            case "UP", "UNKNOWN" -> "up";
            default -> link.operState().toLowerCase(Locale.ROOT);
        };
    }

    private static String owner(ShownTunnel tunnel) {
        return tunnel.present().map(TunnelOwner::of).map(TunnelOwner::toString).orElse("");
    }

    private static Function<ShownTunnel, String> ofLink(Function<ObservedLink, String> cell) {
        return tunnel -> tunnel.present().map(PresentTunnel::link).map(cell).orElse("");
    }

    private static Function<ShownTunnel, String> ofMark(Function<Mark, String> cell) {
        return ofLink(link -> link.mark().map(cell).orElse(""));
    }

    private static Function<ShownTunnel, String> received(Function<Counters, Long> counter) {
        return counter(LinkStatistics::received, counter);
    }

    private static Function<ShownTunnel, String> transmitted(Function<Counters, Long> counter) {
        return counter(LinkStatistics::transmitted, counter);
    }

    private static Function<ShownTunnel, String> counter(
            Function<LinkStatistics, Counters> direction, Function<Counters, Long> counter) {
        return tunnel -> tunnel.present()
                .flatMap(PresentTunnel::statistics)
                .map(direction)
                .map(counter)
                .map(Long::toUnsignedString)
                .orElse("");
    }

    private static List<String> aligned(List<List<String>> rows) {
        int[] widths = IntStream.range(0, rows.getFirst().size())
                .map(column -> rows.stream()
                        .mapToInt(row -> row.get(column).length())
                        .max()
                        .orElse(0))
                .toArray();
        return rows.stream()
                .map(row -> IntStream.range(0, row.size())
                        .mapToObj(column -> row.get(column)
                                + " ".repeat(widths[column] - row.get(column).length()))
                        .collect(Collectors.joining(GAP))
                        .stripTrailing())
                .toList();
    }
}
