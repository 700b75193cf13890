package dev.iptunnel.tunnel;

import dev.iptunnel.observation.ParkedLocal;

/**
 * What happens to a tunnel while the driver's fallback device, or an {@code external} one, carries packets that the tunnel
 * would take over.
 */
public enum FallbackPolicy {
    /** The tunnel is not created; an existing one stays, and is not Ready. */
    REFUSE,
    /** The tunnel is not created; an existing one gives up its endpoints ({@link ParkedLocal}) until that use ends. */
    YIELD,
    /** The tunnel takes the packets over. */
    TAKE_OVER
}
