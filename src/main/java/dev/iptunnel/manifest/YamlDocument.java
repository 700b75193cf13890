package dev.iptunnel.manifest;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * The content of a YAML document, and the line of each of its fields.
 *
 * @param lines by the path of the field, such as {@code spec.routes[0].table}; the empty path is the document
 */
record YamlDocument(JsonNode content, Map<String, Integer> lines) {
    private static final Pattern LAST_STEP = Pattern.compile("(\\.[^.\\[]*|\\[[0-9]+]|^[^.\\[]+)$");

    YamlDocument {
        lines = Map.copyOf(lines);
    }

    /** The text of a document, before it is parsed. */
    record Text(int number, int firstLine, String text) {}

    /** Separates documents at the lines {@code ---}, so that one with an error does not hide those after it. */
    static List<Text> split(String content) {
        List<Text> documents = new ArrayList<>();
        StringBuilder document = new StringBuilder();
        int first = 1;
        int number = 0;
        for (String line : content.lines().toList()) {
            number++;
            if (line.equals("---") || line.startsWith("--- ")) {
                add(documents, first, document);
                first = number + 1;
                document = new StringBuilder();
            } else {
                document.append(line).append('\n');
            }
        }
        add(documents, first, document);
        return documents;
    }

    private static void add(List<Text> documents, int firstLine, StringBuilder document) {
        boolean hasContent = document.toString()
                .lines()
                .anyMatch(line -> !line.isBlank() && !line.strip().startsWith("#"));
        if (hasContent) {
            documents.add(new Text(documents.size() + 1, firstLine, document.toString()));
        }
    }

    /** The line of the field, or of the nearest field around it that the document has. */
    int line(String path) {
        String at = path;
        while (!lines.containsKey(at) && !at.isEmpty()) {
            at = LAST_STEP.matcher(at).replaceFirst("");
        }
        return lines.getOrDefault(at, 1);
    }
}
