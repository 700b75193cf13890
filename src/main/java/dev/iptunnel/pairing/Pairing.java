package dev.iptunnel.pairing;

/**
 * What is known of a tunnel's other end.
 *
 * @param message for who reads the object of this end: what is wrong, and what to write instead
 */
public record Pairing(PairReason reason, String message) {}
