package dev.iptunnel.agent.confirm;

import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Collection;

/** Finds out whether the node still reaches one of several servers. */
@FunctionalInterface
public interface Lifeline {
    /**
     * Whether one of the servers answers within this time, with anything: what it answers does not matter. A connection of
     * its own is opened, because an idle one proves nothing. Waits the whole time if none answers.
     */
    boolean answers(Collection<InetSocketAddress> servers, Duration patience);
}
