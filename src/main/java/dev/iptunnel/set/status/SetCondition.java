package dev.iptunnel.set.status;

/**
 * A condition of a set, without the time of its last change.
 *
 * @param status {@code True}, {@code False} or {@code Unknown}
 * @param reason stable, in CamelCase
 * @param message a sentence that only changes when something happens
 */
public record SetCondition(String type, String status, String reason, String message) {
    static SetCondition yes(String type, String reason, String message) {
        return new SetCondition(type, "True", reason, message);
    }

    static SetCondition no(String type, String reason, String message) {
        return new SetCondition(type, "False", reason, message);
    }
}
