package dev.iptunnel.tunnel;

import dev.iptunnel.observation.ParkedLocal;

/** What becomes of a tunnel while the driver's fallback device, or an {@code external} one, carries packets that it would take. */
public enum FallbackPolicy {
    /** It is not made; one that is there stays, and says so. */
    REFUSE,
    /** It is not made; one that is there gives its endpoints up ({@link ParkedLocal}) until that use ends. */
    YIELD,
    /** It takes the packets over. */
    TAKE_OVER
}
