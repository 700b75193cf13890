package dev.iptunnel.cli;

import dev.iptunnel.apiserver.ApiServerContact;
import dev.iptunnel.health.StatusPage;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.stream.Collectors;

/** What {@code /statusz} says of the process and of its connection to the API server. */
final class AgentStatus {
    private AgentStatus() {}

    static void describe(StatusPage page, String node, String version, ApiServerContact contact) {
        Instant started = Instant.now().truncatedTo(ChronoUnit.SECONDS);
        long origin = System.nanoTime();
        page.add("version", () -> version + ", Java " + Runtime.version());
        page.add("node", () -> node);
        page.add("up", () -> StatusPage.text(Duration.ofNanos(System.nanoTime() - origin)) + ", since " + started);
        page.add("API server", () -> "last heard of " + StatusPage.ago(contact.last(), Instant.now()));
        page.add("watches", () -> watches(contact));
    }

    private static String watches(ApiServerContact contact) {
        String watches = contact.watches().entrySet().stream()
                .map(entry -> "%s %s for %s, opened again %d times"
                        .formatted(
                                entry.getKey(),
                                entry.getValue().open() ? "open" : "closed",
                                StatusPage.text(
                                        Duration.between(entry.getValue().since(), Instant.now())),
                                entry.getValue().restarts()))
                .collect(Collectors.joining("; "));
        return watches.isEmpty() ? "none yet" : watches;
    }
}
