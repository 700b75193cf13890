package dev.iptunnel.api;

import static java.util.Objects.requireNonNull;
import static java.util.Objects.requireNonNullElse;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.fabric8.kubernetes.api.model.ServiceAccount;
import java.io.IOException;
import java.net.HttpURLConnection;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The requests of the pods' accounts since a point in time, from the API server's own log. */
public final class AuditLog {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Path file;
    private final long begin;

    private AuditLog(Path file, long begin) {
        this.file = file;
        this.begin = begin;
    }

    /** Since the API server's start. */
    public static AuditLog whole() {
        return new AuditLog(Path.of(requireNonNull(System.getenv("AUDIT_LOG"), "AUDIT_LOG")), 0);
    }

    public static AuditLog fromNow() {
        var file = whole().file;
        return new AuditLog(file, file.toFile().length());
    }

    @JsonIgnoreProperties(ignoreUnknown = true)
    private record Entry(
            String verb, String requestURI, User user, @Nullable Reference objectRef, @Nullable Answer responseStatus) {
        boolean isRefused() {
            return responseStatus != null && responseStatus.code == HttpURLConnection.HTTP_FORBIDDEN;
        }

        Right right() {
            return objectRef == null
                    ? new Right(verb, "", requestURI, "", "")
                    : new Right(
                            verb,
                            requireNonNullElse(objectRef.apiGroup, ""),
                            objectRef.resource + (objectRef.subresource == null ? "" : "/" + objectRef.subresource),
                            requireNonNullElse(objectRef.namespace, ""),
                            requireNonNullElse(objectRef.name, ""));
        }
    }

    @JsonIgnoreProperties(ignoreUnknown = true)
    private record User(String username) {}

    @JsonIgnoreProperties(ignoreUnknown = true)
    private record Answer(int code) {}

    @JsonIgnoreProperties(ignoreUnknown = true)
    private record Reference(
            String resource,
            @Nullable String apiGroup,
            @Nullable String namespace,
            @Nullable String name,
            @Nullable String subresource) {}

    /** All its requests, granted or not. */
    public Set<Right> usedBy(ServiceAccount account) throws IOException {
        return rights(account, entry -> true);
    }

    /** Its requests that RBAC or a policy forbade. */
    public Set<Right> refusedTo(ServiceAccount account) throws IOException {
        return rights(account, Entry::isRefused);
    }

    private Set<Right> rights(ServiceAccount account, Predicate<Entry> which) throws IOException {
        var user = "system:serviceaccount:" + account.getMetadata().getNamespace() + ":"
                + account.getMetadata().getName();
        try (var in = Files.newInputStream(file)) {
            in.skipNBytes(begin);
            var text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
            // The last line may not be written completely yet.
            return text.substring(0, text.lastIndexOf('\n') + 1)
                    .lines()
                    .map(AuditLog::entry)
                    .filter(entry -> entry.user.username.equals(user) && which.test(entry))
                    .map(Entry::right)
                    .collect(Collectors.toSet());
        }
    }

    private static Entry entry(String line) {
        try {
            return JSON.readValue(line, Entry.class);
        } catch (IOException e) {
            throw new AssertionError(line, e);
        }
    }
}
