package dev.iptunnel.kernel;

import dev.iptunnel.libc.AbstractSocketLock;
import java.util.function.Consumer;

/**
 * Held by the one process that may change the tunnels of a network namespace: an abstract unix socket, see unix(7). The
 * kernel lets it go when the process ends, in whatever way.
 */
public final class WriterLock implements AutoCloseable {
    private static final String NAME = "iptunnel.dev/writer";

    private final AbstractSocketLock socket;

    private WriterLock(AbstractSocketLock socket) {
        this.socket = socket;
    }
}
