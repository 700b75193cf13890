package dev.iptunnel.agent.program;

import java.time.Duration;

/** Called for every look at a tunnel, which reads its state and plans what is to be done. */
@FunctionalInterface
public interface LookListener {
    /**
     * One look was taken.
     *
     * @param cached whether the state was what the notifications had told; otherwise the kernel was read
     */
    void looked(boolean cached, Duration took);
}
