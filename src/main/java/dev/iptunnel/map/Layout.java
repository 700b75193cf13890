package dev.iptunnel.map;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Where everything is drawn: the places on a ring, few hubs that all lines lead to inside it. An endpoint outside is beside
 * its node.
 *
 * @param radius of the ring, in pixels
 */
record Layout(Point centre, double radius, Map<LineEnd, Spot> spots, Map<Line, Curve> curves) {
    /**
     * Where a place is.
     *
     * @param angle from the centre of the ring, clockwise from the right, in radians
     */
    record Spot(Point point, double angle, boolean hub) {}

    private static final double SMALLEST_RADIUS = 260;
    private static final double SPACE = 36;
    private static final double HUBS_RADIUS = 0.35;
    private static final int PLACES_FOR_A_HUB = 4;
    private static final int MOST_HUBS = 4;

    /**
     * Finds a place for everything.
     *
     * @param bend between lines that connect the same two places, in pixels
     */
    static Layout of(Topology topology, double bend, Point centre) {
        Set<LineEnd> hubs = hubs(topology);
        List<LineEnd> ring = ring(topology, hubs);
        double radius = radius(ring.size());
        Map<LineEnd, Spot> spots = new LinkedHashMap<>();
        place(ring, radius, false, centre, spots);
        place(List.copyOf(hubs), hubs.size() == 1 ? 0 : radius * HUBS_RADIUS, true, centre, spots);
        return new Layout(centre, radius, spots, curves(topology, spots, bend));
    }

    /** The radius of a ring for all places. */
    static double radius(int places) {
        return Math.max(SMALLEST_RADIUS, places * SPACE / (2 * Math.PI));
    }

    private static void place(
            List<LineEnd> places, double radius, boolean hubs, Point centre, Map<LineEnd, Spot> spots) {
        // Two are side by side, more begin at the top.
        double first = places.size() == 2 ? -Math.PI : -Math.PI / 2;
        for (int i = 0; i < places.size(); i++) {
            double angle = first + 2 * Math.PI * i / places.size();
            spots.put(
                    places.get(i),
                    new Spot(centre.plus(radius * Math.cos(angle), radius * Math.sin(angle)), angle, hubs));
        }
    }

    /** The few places that every line touches, or none. */
    private static Set<LineEnd> hubs(Topology topology) {
        Set<LineEnd> hubs = new LinkedHashSet<>();
        List<Line> rest = topology.lines();
        while (!rest.isEmpty()) {
            Map<LineEnd, Long> degrees = rest.stream()
                    .flatMap(line -> Stream.of(line.near(), line.far()))
                    .collect(Collectors.groupingBy(place -> place, Collectors.counting()));
            LineEnd hub = degrees.keySet().stream()
                    .max(Comparator.<LineEnd>comparingLong(degrees::get).thenComparing(Comparator.reverseOrder()))
                    .orElseThrow();
            hubs.add(hub);
            if (hubs.size() > MOST_HUBS
                    || hubs.size() * PLACES_FOR_A_HUB > topology.places().size()) {
                return Set.of();
            }
            rest = rest.stream()
                    .filter(line -> !line.near().equals(hub) && !line.far().equals(hub))
                    .toList();
        }
        return hubs;
    }

    private static List<LineEnd> ring(Topology topology, Set<LineEnd> hubs) {
        Map<LineEnd, List<LineEnd>> outside = topology.lines().stream()
                .filter(line -> !line.far().node())
                .collect(Collectors.groupingBy(
                        Line::near, Collectors.mapping(Line::far, Collectors.toCollection(ArrayList::new))));
        Set<LineEnd> ring = new LinkedHashSet<>();
        for (LineEnd place : topology.places()) {
            ring.add(place);
            outside.getOrDefault(place, List.of()).stream().sorted().forEach(ring::add);
        }
        ring.removeAll(new HashSet<>(hubs));
        return List.copyOf(ring);
    }

    private static Map<Line, Curve> curves(Topology topology, Map<LineEnd, Spot> spots, double bend) {
        Map<Set<LineEnd>, Long> parallel = topology.lines().stream()
                .collect(Collectors.groupingBy(line -> Set.of(line.near(), line.far()), Collectors.counting()));
        Map<Set<LineEnd>, Integer> drawn = new HashMap<>();
        Map<Line, Curve> curves = new LinkedHashMap<>();
        for (Line line : topology.lines()) {
            Set<LineEnd> pair = Set.of(line.near(), line.far());
            double number = drawn.merge(pair, 1, Integer::sum) - 1;
            double offset = bend * (number - (parallel.getOrDefault(pair, 1L) - 1) / 2.0);
            boolean reversed = line.near().compareTo(line.far()) > 0;
            curves.put(
                    line,
                    Curve.between(point(spots, line.near()), point(spots, line.far()), reversed ? -offset : offset));
        }
        return curves;
    }

    private static Point point(Map<LineEnd, Spot> spots, LineEnd place) {
        return Optional.ofNullable(spots.get(place)).orElseThrow().point();
    }
}
