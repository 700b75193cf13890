package dev.iptunnel.map;

/** A quadratic Bézier curve. A straight one has its control point in the middle. */
record Curve(Point start, Point control, Point end) {
    /**
     * A curve between two points.
     *
     * @param bend how far its middle is from the straight line, in pixels; to the right of its direction
     */
    static Curve between(Point start, Point end, double bend) {
        double length = Math.max(1, Math.hypot(end.x() - start.x(), end.y() - start.y()));
        double right = -(end.y() - start.y()) / length;
        double down = (end.x() - start.x()) / length;
        return new Curve(start, start.middle(end).plus(2 * bend * right, 2 * bend * down), end);
    }

    /** The two halves, by the algorithm of de Casteljau. */
    Curve firstHalf() {
        return new Curve(start, start.middle(control), middle());
    }

    Curve secondHalf() {
        return new Curve(middle(), control.middle(end), end);
    }

    Point middle() {
        return start.middle(control).middle(control.middle(end));
    }

    /** The direction from its start to its end, in degrees clockwise from the right; never upside down. */
    double slope() {
        double degrees = Math.toDegrees(Math.atan2(end.y() - start.y(), end.x() - start.x()));
        return degrees > 90 ? degrees - 180 : degrees < -90 ? degrees + 180 : degrees;
    }

    private boolean straight() {
        Point middle = start.middle(end);
        return Math.hypot(middle.x() - control.x(), middle.y() - control.y()) < 0.1;
    }

    /** As the attribute {@code d} of a path. */
    String path() {
        return "M" + start.text() + (straight() ? "L" : "Q" + control.text() + " ") + end.text();
    }
}
