package dev.iptunnel.http;

import java.util.Optional;
import java.util.stream.Stream;

/**
 * The request line of HTTP/1.1, RFC 9112 section 3. Read in linear time, whatever the client sends.
 *
 * @param path without scheme, host and query
 */
record RequestLine(String method, String path) {
    private static final int PARTS = 3;

    /** Empty if it is none of HTTP/1.0 or HTTP/1.1. */
    static Optional<RequestLine> parse(String line) {
        String[] parts = line.split(" ", PARTS + 1);
        if (parts.length != PARTS
                || !isMethod(parts[0])
                || !(parts[2].equals("HTTP/1.1") || parts[2].equals("HTTP/1.0"))) {
            return Optional.empty();
        }
        return path(parts[1]).map(path -> new RequestLine(parts[0], path));
    }

    private static boolean isMethod(String text) {
        return !text.isEmpty() && text.chars().allMatch(letter -> letter >= 'A' && letter <= 'Z');
    }

    private static Optional<String> path(String target) {
        int host = Stream.of("http://", "https://")
                .filter(target::startsWith)
                .findFirst()
                .map(String::length)
                .orElse(0);
        int begin = target.indexOf('/', host);
        boolean hasHost = begin > host;
        if (begin < 0 || hasHost != host > 0) {
            return Optional.empty();
        }
        int end = begin;
        while (end < target.length() && target.charAt(end) != '?' && target.charAt(end) != '#') {
            end++;
        }
        return Optional.of(target.substring(begin, end));
    }
}
