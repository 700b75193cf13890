package dev.iptunnel.http;

import java.util.Arrays;
import java.util.Optional;
import java.util.stream.Stream;

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

    /** In linear time, whatever the client sends. */
    static Optional<String> field(String head, String name) {
        String begin = name + ":";
        return lines(head)
                .filter(line -> line.regionMatches(true, 0, begin, 0, begin.length()))
                .findFirst()
                .map(line -> withoutBlanks(line.substring(begin.length())));
    }

    /** The request line, the fields and an empty line. */
    static Stream<String> lines(String head) {
        return Arrays.stream(head.split("\n"))
                .map(line -> line.endsWith("\r") ? line.substring(0, line.length() - 1) : line);
    }

    private static String withoutBlanks(String value) {
        int begin = 0;
        int end = value.length();
        while (begin < end && isBlank(value.charAt(begin))) {
            begin++;
        }
        while (begin < end && isBlank(value.charAt(end - 1))) {
            end--;
        }
        return value.substring(begin, end);
    }

    private static boolean isBlank(char character) {
        return character == ' ' || character == '\t';
    }
}
