package dev.iptunnel.tunnel;

/** Whether a tunnel of the same name that nobody owns is taken over where it is exactly what the object asks for. */
public enum AdoptionPolicy {
    NEVER,
    IF_IDENTICAL
}
