package dev.iptunnel.event;

/**
 * Something that an Event reports. A repetition is equal. Texts that are longer than the API server permits are cut.
 *
 * @param name the name of the object
 * @param uid the UID of the object
 * @param type {@code Normal} or {@code Warning}
 */
public record Occurrence(String name, String uid, String type, String reason, String action, String note) {
    private static final int LONGEST_NOTE = 1024;
    private static final int LONGEST_WORD = 128;

    public Occurrence {
        reason = Utf8.atMost(LONGEST_WORD, reason);
        action = Utf8.atMost(LONGEST_WORD, action);
        note = Utf8.atMost(LONGEST_NOTE, note);
    }
}
