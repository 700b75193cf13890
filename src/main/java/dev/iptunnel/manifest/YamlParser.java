package dev.iptunnel.manifest;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Compose;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;
import org.snakeyaml.engine.v2.nodes.Tag;
import org.snakeyaml.engine.v2.schema.CoreSchema;

/** Parses a YAML document (JSON is YAML, too) and keeps the lines of its fields. */
final class YamlParser {
    /** Enough for 50,000 tunnels as {@code kubectl get -o yaml} prints them. */
    private static final int LONGEST = 128 << 20;

    private static final LoadSettings SETTINGS = LoadSettings.builder()
            .setSchema(new CoreSchema())
            .setCodePointLimit(LONGEST)
            .build();
    private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

    private final int firstLine;
    private final Map<String, Integer> lines = new HashMap<>();

    private YamlParser(int firstLine) {
        this.firstLine = firstLine;
    }

    /** The text is not YAML. */
    static final class MalformedYamlException extends Exception {
        private static final long serialVersionUID = 1;

        private final String detail;
        private final int line;

        MalformedYamlException(String detail, int line) {
            super(detail);
            this.detail = detail;
            this.line = line;
        }

        String detail() {
            return detail;
        }

        /** The line in the file. */
        int line() {
            return line;
        }
    }

    static YamlDocument parse(YamlDocument.Text text) throws MalformedYamlException {
        YamlParser parser = new YamlParser(text.firstLine());
        try {
            Node node = new Compose(SETTINGS)
                    .composeString(text.text())
                    .orElseThrow(() -> new MalformedYamlException("the document is empty", text.firstLine()));
            return new YamlDocument(parser.convert("", node), parser.lines);
        } catch (MarkedYamlEngineException e) {
            throw new MalformedYamlException(
                    "is no YAML: " + e.getProblem(),
                    text.firstLine() + e.getProblemMark().map(Mark::getLine).orElse(0));
        } catch (YamlEngineException e) {
            throw new MalformedYamlException("is no YAML: " + e.getMessage(), text.firstLine());
        } catch (StackOverflowError e) { // the library has no limit
            throw new MalformedYamlException("is nested too deeply", text.firstLine());
        }
    }

    private JsonNode convert(String path, Node node) throws MalformedYamlException {
        int line = line(node);
        lines.putIfAbsent(path, line);
        if (node.isRecursive()) {
            throw new MalformedYamlException(path + " contains itself", line);
        }
        return switch (node) {
            case MappingNode mapping -> object(path, mapping);
            case SequenceNode sequence -> {
                ArrayNode array = JSON.arrayNode();
                for (Node item : sequence.getValue()) {
                    array.add(convert(path + "[" + array.size() + "]", item));
                }
                yield array;
            }
            case ScalarNode scalar -> scalar(scalar);
            default -> throw new MalformedYamlException(path + " is neither a mapping, a list nor a value", line);
        };
    }

    private ObjectNode object(String path, MappingNode mapping) throws MalformedYamlException {
        ObjectNode object = JSON.objectNode();
        for (NodeTuple entry : mapping.getValue()) {
            if (!(entry.getKeyNode() instanceof ScalarNode key)) {
                throw new MalformedYamlException(path + " has a key that is no text", line(entry.getKeyNode()));
            }
            String field = path.isEmpty() ? key.getValue() : path + "." + key.getValue();
            if (object.has(key.getValue())) {
                throw new MalformedYamlException(
                        field + " is there twice, first in line " + lines.get(field) + ": leave one of the two out",
                        line(key));
            }
            lines.put(field, line(key));
            object.set(key.getValue(), convert(field, entry.getValueNode()));
        }
        return object;
    }

    private static JsonNode scalar(ScalarNode scalar) {
        String text = scalar.getValue();
        Tag tag = scalar.getTag();
        if (tag.equals(Tag.NULL)) {
            return JSON.nullNode();
        }
        if (tag.equals(Tag.BOOL)) {
            return JSON.booleanNode(Boolean.parseBoolean(text));
        }
        if (tag.equals(Tag.INT)) {
            return number(integer(text));
        }
        return tag.equals(Tag.FLOAT)
                ? decimal(text).<JsonNode>map(JSON::numberNode).orElseGet(() -> JSON.textNode(text))
                : JSON.textNode(text);
    }

    private static BigInteger integer(String text) {
        if (text.startsWith("0x")) {
            return new BigInteger(text.substring(2), 16);
        }
        return text.startsWith("0o") ? new BigInteger(text.substring(2), 8) : new BigInteger(text);
    }

    /** The narrowest type, as the readers of the model expect. */
    private static JsonNode number(BigInteger number) {
        if (number.bitLength() < Integer.SIZE) {
            return JSON.numberNode(number.intValue());
        }
        return number.bitLength() < Long.SIZE ? JSON.numberNode(number.longValue()) : JSON.numberNode(number);
    }

    /** Empty for infinity, and for what is no number. */
    private static Optional<BigDecimal> decimal(String text) {
        try {
            return Optional.of(new BigDecimal(text));
        } catch (NumberFormatException e) {
            return Optional.empty();
        }
    }

    private int line(Node node) {
        return firstLine + node.getStartMark().map(Mark::getLine).orElse(0);
    }
}
