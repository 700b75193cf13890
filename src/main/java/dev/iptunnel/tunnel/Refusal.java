package dev.iptunnel.tunnel;

/** Nothing is changed, for a reason that a user can act on; the message says what it is about and what would help. */
public record Refusal(Reason reason, String message) implements Decision {}
