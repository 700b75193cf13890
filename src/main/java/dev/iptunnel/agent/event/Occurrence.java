package dev.iptunnel.agent.event;

/**
 * Something that an Event is to tell of. What happens again is equal.
 *
 * @param name the IpTunnel's
 * @param uid the IpTunnel's
 * @param type {@code Normal} or {@code Warning}
 */
record Occurrence(String name, String uid, String type, String reason, String action, String note) {
    private static final int MAX_NOTE = 1024;

    Occurrence {
        note = note.length() <= MAX_NOTE ? note : note.substring(0, MAX_NOTE - 1) + "…";
    }
}
