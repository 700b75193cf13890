package dev.iptunnel.libc;

import java.util.Optional;

/** What came of {@link AbstractSocketLock#tryAcquire}. */
public sealed interface LockAttempt {
    /**
     * The caller holds it, until it closes the lock or ends.
     *
     * @param ignored who has the name without the right to it
     */
    record Acquired(AbstractSocketLock lock, Optional<String> ignored) implements LockAttempt {
        Acquired(AbstractSocketLock lock) {
            this(lock, Optional.empty());
        }
    }

    /** Another holds it; the caller closes the connection to it. */
    record Held(LockHolder holder) implements LockAttempt {}
}
