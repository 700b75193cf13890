package dev.iptunnel.tunnel;

/** Whether an existing tunnel without a mark is taken over if it is exactly what the object asks for. */
public enum AdoptionPolicy {
    NEVER,
    IF_IDENTICAL
}
