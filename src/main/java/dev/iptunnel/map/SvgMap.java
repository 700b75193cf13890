package dev.iptunnel.map;

import dev.iptunnel.map.Layout.Spot;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * A topology as an SVG picture. A line says its state by colour and by its pattern; with many lines those that are ready
 * are thin, and only the others have a label. What is not ready is also listed below.
 */
public final class SvgMap {
    private static final int MANY_PLACES = 16;
    private static final int MANY_LINES = 15;
    private static final int DENSE = 200;
    private static final int LONGEST_LABEL = 28;
    private static final int LONGEST_ROW = 110;
    private static final int MOST_ROWS = 30;
    private static final double CHARACTER = 7;
    private static final double ROW = 18;
    private static final double TOP = 40;
    private static final double LEFT = 16;
    private static final double SAMPLE = 44;
    private static final double NARROWEST = 760;
    private static final String MISSING = "missing";

    private static final String STYLE =
            """

            text { font: 12px sans-serif; fill: #1c2429 }
            text.title { font-size: 15px; font-weight: bold }
            text.label { paint-order: stroke; stroke: #fff; stroke-width: 4px; stroke-linejoin: round }
            text.trouble { font-weight: bold }
            path { fill: none; stroke-width: 2.5 }
            .ready { stroke: #1b7f3b }
            .set-down { stroke: #5f6b7a; stroke-dasharray: 14 4 2 4 }
            .unknown { stroke: #9a6b00; stroke-dasharray: 2 4 }
            .not-ready { stroke: #c62828; stroke-dasharray: 8 4; stroke-width: 3.5 }
            .missing { stroke: #9aa5ab; stroke-dasharray: 1 7 }
            .many .ready { stroke-width: 1.5 }
            .dense .ready { stroke-width: 0.6; opacity: 0.35 }
            circle, rect.outside { fill: #37474f; stroke: #fff; stroke-width: 1.5 }
            rect.outside { fill: #fff; stroke: #37474f }
            circle.trouble { fill: #fff; stroke: #c62828; stroke-width: 4 }
            """;

    private final Topology topology;
    private final Layout layout;
    private final boolean many;
    private final List<MappedTunnel> listed;
    private final double width;
    private final List<Entry> legend;
    private final double legendBottom;
    private final SvgWriter svg = new SvgWriter();

    /** A sample of a line, and what it means. */
    private record Entry(Point at, String style, String words) {}

    private SvgMap(Topology topology) {
        this.topology = topology;
        many = topology.places().size() > MANY_PLACES;
        double longest = topology.places().stream()
                .mapToInt(place -> shortened(place.name(), LONGEST_LABEL).length())
                .max()
                .orElse(0);
        double aside = 24 + longest * CHARACTER;
        double above = many ? aside : 48;
        double radius = Layout.radius(topology.places().size());
        width = Math.max(NARROWEST, 2 * (radius + aside));
        layout = Layout.of(topology, many ? 12 : 56, new Point(width / 2, TOP + above + radius));
        legend = legend(new Point(LEFT, TOP + 2 * (above + radius) + ROW));
        legendBottom = legend.isEmpty() ? TOP : legend.getLast().at().y();
        listed = topology.tunnels().stream()
                .filter(tunnel -> tunnel.state() == EndState.NOT_READY || tunnel.state() == EndState.UNKNOWN)
                .sorted(Comparator.comparing(MappedTunnel::state).reversed())
                .toList();
    }

    /** The picture as a document. */
    public static String of(Topology topology) {
        return new SvgMap(topology).draw();
    }

    private String draw() {
        double height = legendBottom + ROW * (1.5 + Math.min(listed.size(), MOST_ROWS + 1));
        svg.open(width, height, topology.title(), STYLE);
        svg.text("title", new Point(LEFT, 28), "start", topology.title());
        svg.begin("g", "class", topology.lines().size() > DENSE ? "dense" : many ? "many" : "few");
        Stream.of(EndState.values()).forEach(worst -> topology.lines().stream()
                .filter(line -> line.worst() == worst)
                .forEach(this::line));
        svg.end();
        layout.spots().forEach(this::place);
        topology.lines().forEach(this::labels);
        legend();
        list();
        return svg.close();
    }

    private void line(Line line) {
        Curve curve = curve(line);
        String near = line.there().state().style();
        String far = line.back().map(back -> back.state().style()).orElse(line.halfMissing() ? MISSING : near);
        if (near.equals(far)) {
            svg.path(near, curve, line.sentence());
        } else {
            svg.path(near, curve.firstHalf(), line.sentence());
            svg.path(far, curve.secondHalf(), line.sentence());
        }
    }

    private void labels(Line line) {
        label(line.there(), curve(line).firstHalf());
        line.back().ifPresent(back -> label(back, curve(line).secondHalf()));
    }

    /** Along its half of the line, so that labels of other lines are elsewhere: the name above it, the trouble below it. */
    private void label(MappedTunnel tunnel, Curve half) {
        boolean ready = tunnel.state() == EndState.READY;
        boolean few = topology.lines().size() <= MANY_LINES;
        if (few || (!ready && listed.size() <= MANY_LINES)) {
            svg.turnedText("label", half.middle(), half.slope(), -5, "middle", shortened(tunnel.name(), LONGEST_LABEL));
        }
        if (few && !ready) {
            String trouble = shortened(tunnel.trouble(), LONGEST_LABEL);
            svg.turnedText("label trouble", half.middle(), half.slope(), 14, "middle", trouble);
        }
    }

    private void place(LineEnd place, Spot spot) {
        boolean trouble = topology.tunnels().stream()
                .anyMatch(tunnel -> tunnel.node().equals(place.name()) && tunnel.state() == EndState.NOT_READY);
        svg.spot(place, spot.point(), many && !spot.hub() ? 5 : 9, place.node() && trouble ? "trouble" : "fine");
        String style = place.node() && trouble ? "label trouble" : "label";
        String name = shortened(place.name(), LONGEST_LABEL);
        double away = many ? 12 : 16;
        boolean left = Math.cos(spot.angle()) < -0.01;
        if (spot.hub()) {
            svg.text(style, spot.point().plus(0, 24), "middle", name);
        } else if (many) {
            Point at = spot.point().plus(away * Math.cos(spot.angle()), away * Math.sin(spot.angle()));
            double degrees = Math.toDegrees(spot.angle()) + (left ? 180 : 0);
            svg.turnedText(style, at, degrees, 4, left ? "end" : "start", name);
        } else if (Math.abs(Math.cos(spot.angle())) < 0.3) {
            svg.text(style, spot.point().plus(0, Math.sin(spot.angle()) < 0 ? -away : away + 10), "middle", name);
        } else {
            svg.text(style, spot.point().plus(left ? -away : away, 4), left ? "end" : "start", name);
        }
    }

    private void legend() {
        for (Entry entry : legend) {
            svg.path(entry.style(), Curve.between(entry.at(), entry.at().plus(SAMPLE, 0), 0), entry.words());
            svg.text("legend", entry.at().plus(SAMPLE + 8, 4), "start", entry.words());
        }
    }

    /** One entry after the other, in as many rows as they need. */
    private List<Entry> legend(Point first) {
        List<Entry> entries = new ArrayList<>();
        Point at = first;
        for (Map.Entry<String, String> sample : samples().entrySet()) {
            double length = SAMPLE + 8 + sample.getValue().length() * CHARACTER;
            if (at.x() > LEFT && at.x() + length > width) {
                at = new Point(LEFT, at.y() + ROW);
            }
            entries.add(new Entry(at, sample.getKey(), sample.getValue()));
            at = at.plus(length + 24, 0);
        }
        return entries;
    }

    /** The styles that occur, and what they mean. */
    private Map<String, String> samples() {
        Map<String, String> samples = new LinkedHashMap<>();
        for (EndState state : EndState.values()) {
            if (topology.count(state) > 0) {
                samples.put(state.style(), topology.count(state) + " " + state.words());
            }
        }
        long missing = topology.lines().stream().filter(Line::halfMissing).count();
        if (missing > 0) {
            samples.put(MISSING, missing + (missing == 1 ? " line" : " lines") + " without a tunnel that leads back");
        }
        return samples;
    }

    private void list() {
        Point at = new Point(LEFT, legendBottom + 1.5 * ROW);
        for (MappedTunnel tunnel : listed.subList(0, Math.min(listed.size(), MOST_ROWS))) {
            String row = tunnel.name() + " on " + tunnel.node() + ", to " + tunnel.remote() + ": " + tunnel.verdict();
            svg.text("row", at, "start", shortened(row, LONGEST_ROW));
            at = at.plus(0, ROW);
        }
        if (listed.size() > MOST_ROWS) {
            svg.text("row", at, "start", "and " + (listed.size() - MOST_ROWS) + " more");
        }
    }

    private Curve curve(Line line) {
        return Optional.ofNullable(layout.curves().get(line)).orElseThrow();
    }

    /** With an ellipsis in the middle: names often differ at their end. */
    private static String shortened(String text, int longest) {
        if (text.length() <= longest) {
            return text;
        }
        int half = (longest - 1) / 2;
        return text.substring(0, longest - 1 - half) + "…" + text.substring(text.length() - half);
    }
}
