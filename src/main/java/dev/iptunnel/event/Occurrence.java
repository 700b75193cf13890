package dev.iptunnel.event;

import static java.nio.charset.StandardCharsets.UTF_8;

/**
 * Something that an Event reports. A repetition is equal.
 *
 * @param name the name of the object
 * @param uid the UID of the object
 * @param type {@code Normal} or {@code Warning}
 */
public record Occurrence(String name, String uid, String type, String reason, String action, String note) {
    /** Bytes in UTF-8, which the API server counts. */
    private static final int MAX_NOTE = 1024;

    private static final String CUT = "…";

    public Occurrence {
        note = cut(note);
    }

    private static String cut(String note) {
        byte[] bytes = note.getBytes(UTF_8);
        if (bytes.length <= MAX_NOTE) {
            return note;
        }
        int end = MAX_NOTE - CUT.getBytes(UTF_8).length;
        while (isContinuation(bytes[end])) {
            end--;
        }
        return new String(bytes, 0, end, UTF_8) + CUT;
    }

    /** Whether the byte belongs to the character that begins before it (RFC 3629). */
    private static boolean isContinuation(byte value) {
        return (value & 0xc0) == 0x80;
    }
}
