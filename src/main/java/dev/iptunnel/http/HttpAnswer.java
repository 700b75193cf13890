package dev.iptunnel.http;

import java.nio.charset.StandardCharsets;

/** The answer to a request. */
public final class HttpAnswer {
    private static final String TEXT = "text/plain; charset=utf-8";

    private final int code;
    private final String type;
    /** A header field besides the usual ones, or empty. */
    private final String field;
    /** Shared, and not changed. */
    private final byte[] content;

    private HttpAnswer(int code, String type, String field, byte[] content) {
        this.code = code;
        this.type = type;
        this.field = field;
        this.content = content;
    }

    /** One or more lines of text. */
    public static HttpAnswer text(int code, String text) {
        return new HttpAnswer(code, TEXT, "", (text + "\n").getBytes(StandardCharsets.UTF_8));
    }

    /** The same with a header field, such as {@code WWW-Authenticate: Bearer}. */
    public HttpAnswer with(String more) {
        return new HttpAnswer(code, type, more, content);
    }

    /** The page of metrics, in the text format of Prometheus. */
    public static HttpAnswer metrics(byte[] page) {
        return new HttpAnswer(200, "text/plain; version=0.0.4; charset=utf-8", "", page);
    }

    byte[] content() {
        return content;
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
