package dev.iptunnel.bench;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Makes a table, and a JSON file, of the figures in the log of e2e/bench. */
final class Report {
    private Report() {}

    /**
     * Prints the table.
     *
     * @param arguments the log, and the JSON file
     */
    public static void main(String... arguments) throws IOException {
        List<Figure> figures = Files.readAllLines(Path.of(arguments[0])).stream()
                .flatMap(line -> Figure.parse(line).stream())
                .toList();
        System.out.printf(
                "%n| %-72s | %10s | %-22s |%n| %s | %s | %s |%n",
                "figure", "median", "spread", "-".repeat(72), "-".repeat(10), "-".repeat(22));
        figures.forEach(figure -> System.out.printf(
                "| %-72s | %10s | %-22s |%n",
                figure.name() + (figure.unit().isEmpty() ? "" : ", " + figure.unit()),
                Figure.text(figure.median()),
                figure.spread()));
        Files.writeString(
                Path.of(arguments[1]),
                new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT).writeValueAsString(json(figures)));
    }

    private static Map<String, Object> json(List<Figure> figures) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("processors", Runtime.getRuntime().availableProcessors());
        json.put("kernel", System.getProperty("os.version"));
        json.put("figures", figures);
        return json;
    }
}
