package dev.iptunnel.event;

/**
 * Something that an Event reports. A repetition is equal.
 *
 * @param name the name of the object
 * @param uid the UID of the object
 * @param type {@code Normal} or {@code Warning}
 */
public record Occurrence(String name, String uid, String type, String reason, String action, String note) {
    private static final int MAX_NOTE = 1024;

    public Occurrence {
        note = note.length() <= MAX_NOTE ? note : note.substring(0, MAX_NOTE - 1) + "…";
    }
}
