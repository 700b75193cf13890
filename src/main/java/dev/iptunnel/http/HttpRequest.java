package dev.iptunnel.http;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A request of HTTP/1.1 (RFC 9112).
 *
 * @param path without the query
 * @param head the request line and the fields, as received
 * @param body empty if there is none
 * @param fromThisMachine whether it came over loopback
 */
public record HttpRequest(String method, String path, String head, String body, boolean fromThisMachine) {
    /** GET or HEAD. */
    public boolean reads() {
        return method.equals("GET") || method.equals("HEAD");
    }

    /** The value of the first field of this name. */
    public Optional<String> field(String name) {
        return field(head, name);
    }

    static Optional<String> field(String head, String name) {
        Matcher field = Pattern.compile(
                        "^" + Pattern.quote(name) + ":[ \t]*(.*?)[ \t]*\r?$",
                        Pattern.CASE_INSENSITIVE | Pattern.MULTILINE)
                .matcher(head);
        return field.find() ? Optional.of(field.group(1)) : Optional.empty();
    }
}
