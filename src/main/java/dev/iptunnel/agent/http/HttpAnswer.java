package dev.iptunnel.agent.http;

import java.nio.charset.StandardCharsets;

/**
 * The answer to a request.
 *
 * @param field a header field besides the usual ones, such as {@code WWW-Authenticate: Bearer}; may be empty
 * @param content shared, and not changed
 */
public record HttpAnswer(int code, String type, String field, byte[] content) {
    private static final String TEXT = "text/plain; charset=utf-8";

    /** One or more lines of text. */
    public static HttpAnswer text(int code, String text) {
        return new HttpAnswer(code, TEXT, "", (text + "\n").getBytes(StandardCharsets.UTF_8));
    }

    /** The same with a header field. */
    public HttpAnswer with(String more) {
        return new HttpAnswer(code, type, more, content);
    }

    /** The page of metrics, in the text format of Prometheus. */
    public static HttpAnswer metrics(byte[] page) {
        return new HttpAnswer(200, "text/plain; version=0.0.4; charset=utf-8", "", page);
    }

    byte[] head() {
        return "HTTP/1.1 %d %s\r\nContent-Type: %s\r\nContent-Length: %d\r\n%sConnection: close\r\n\r\n"
                .formatted(code, reason(), type, content.length, field.isEmpty() ? "" : field + "\r\n")
                .getBytes(StandardCharsets.US_ASCII);
    }

    private String reason() {
        return switch (code) {
            case 200 -> "OK";
            case 400 -> "Bad Request";
            case 401 -> "Unauthorized";
            case 403 -> "Forbidden";
            case 404 -> "Not Found";
            case 405 -> "Method Not Allowed";
            case 411 -> "Length Required";
            case 413 -> "Content Too Large";
            case 431 -> "Request Header Fields Too Large";
            default -> "Service Unavailable";
        };
    }
}
