package dev.iptunnel.map;

/** A position in the picture: to the right and down, in pixels. */
record Point(double x, double y) {
    Point plus(double right, double down) {
        return new Point(x + right, y + down);
    }

    Point middle(Point other) {
        return new Point((x + other.x) / 2, (y + other.y) / 2);
    }

    /** As in the attribute {@code d} of a path. */
    String text() {
        return rounded(x) + " " + rounded(y);
    }

    /** With one digit after the point, the same in every locale. */
    static String rounded(double value) {
        long tenths = Math.round(value * 10);
        return tenths % 10 == 0 ? String.valueOf(tenths / 10) : String.valueOf(tenths / 10.0);
    }
}
