package dev.iptunnel.libc;

/** What came of {@link AbstractSocketLock#tryAcquire}. */
public sealed interface LockAttempt {
    /** The caller holds it, until it closes the lock or ends. */
    record Acquired(AbstractSocketLock lock) implements LockAttempt {}

    /** Another holds it; the caller closes the connection to it. */
    record Held(LockHolder holder) implements LockAttempt {}
}
