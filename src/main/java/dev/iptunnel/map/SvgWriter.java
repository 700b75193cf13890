package dev.iptunnel.map;

import java.io.StringWriter;
import javax.xml.stream.XMLOutputFactory;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamWriter;

/** Writes the elements of an SVG document that a map has, a line each. */
final class SvgWriter {
    private static final String NAMESPACE = "http://www.w3.org/2000/svg";

    private final StringWriter text = new StringWriter();
    private final XMLStreamWriter xml;

    SvgWriter() {
        try {
            xml = XMLOutputFactory.newDefaultFactory().createXMLStreamWriter(text);
        } catch (XMLStreamException e) {
            throw new IllegalStateException("no XML can be written", e);
        }
    }

    /** A step of writing to memory, where nothing can fail but the order of the steps. */
    private interface Step {
        void write() throws XMLStreamException;
    }

    private static void write(Step step) {
        try {
            step.write();
        } catch (XMLStreamException e) {
            throw new IllegalStateException(e);
        }
    }

    void open(double width, double height, String title, String style) {
        String size = Point.rounded(width) + " " + Point.rounded(height);
        begin(
                "svg",
                "xmlns",
                NAMESPACE,
                "viewBox",
                "0 0 " + size,
                "width",
                Point.rounded(width),
                "height",
                Point.rounded(height));
        title(title);
        newLine();
        begin("style");
        characters(style);
        end();
        begin("rect", "width", "100%", "height", "100%", "fill", "#fff");
        end();
    }

    String close() {
        end();
        write(xml::close);
        return text.toString();
    }

    void path(String style, Curve curve, String title) {
        begin("path", "class", style, "d", curve.path());
        title(title);
        end();
    }

    /** A node as a disc, an endpoint outside as a square. */
    void spot(LineEnd place, Point at, double radius, String style) {
        if (place.node()) {
            begin(
                    "circle",
                    "class",
                    style,
                    "cx",
                    Point.rounded(at.x()),
                    "cy",
                    Point.rounded(at.y()),
                    "r",
                    Point.rounded(radius));
        } else {
            Point corner = at.plus(-radius, -radius);
            begin(
                    "rect",
                    "class",
                    "outside",
                    "x",
                    Point.rounded(corner.x()),
                    "y",
                    Point.rounded(corner.y()),
                    "width",
                    Point.rounded(2 * radius),
                    "height",
                    Point.rounded(2 * radius));
        }
        title(place.name());
        end();
    }

    void text(String style, Point at, String anchor, String words) {
        begin("text", "class", style, "x", Point.rounded(at.x()), "y", Point.rounded(at.y()), "text-anchor", anchor);
        characters(words);
        end();
    }

    /**
     * Text that is turned around a point.
     *
     * @param degrees clockwise
     * @param below how far its base line is below the point, before it is turned
     */
    void turnedText(String style, Point at, double degrees, double below, String anchor, String words) {
        begin(
                "text",
                "class",
                style,
                "transform",
                "translate(" + at.text() + ") rotate(" + Point.rounded(degrees) + ")",
                "dy",
                Point.rounded(below),
                "text-anchor",
                anchor);
        characters(words);
        end();
    }

    void begin(String name, String... attributes) {
        write(() -> {
            xml.writeStartElement(name);
            for (int i = 0; i < attributes.length; i += 2) {
                xml.writeAttribute(attributes[i], printable(attributes[i + 1]));
            }
        });
    }

    void end() {
        write(xml::writeEndElement);
        newLine();
    }

    private void title(String words) {
        write(() -> {
            xml.writeStartElement("title");
            xml.writeCharacters(printable(words));
            xml.writeEndElement();
        });
    }

    private void characters(String words) {
        write(() -> xml.writeCharacters(printable(words)));
    }

    private void newLine() {
        write(() -> xml.writeCharacters("\n"));
    }

    /** XML has no control characters, and the writer does not check. */
    private static String printable(String words) {
        return words.codePoints()
                .map(character -> character == '\n' || isPrintable(character) ? character : 0xfffd)
                .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
                .toString();
    }

    private static boolean isPrintable(int character) {
        return character >= ' '
                && !Character.isISOControl(character)
                && (character < 0xd800 || character > 0xdfff)
                && character != 0xfffe
                && character != 0xffff;
    }
}
