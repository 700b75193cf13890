package dev.iptunnel.agent.confirm;

import dev.iptunnel.tunnel.IpFamily;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.Set;

/** Asks the API server for answers. Thread-safe. */
final class ApiServerAnswers {
    private static final int TRIES = 10;

    private final Lifeline lifeline;
    private final Duration patience;
    private final InstantSource steady;
    private volatile Set<InetSocketAddress> servers = Set.of();

    /** @param patience how long the API server may be silent */
    ApiServerAnswers(Lifeline lifeline, Duration patience, InstantSource steady) {
        this.lifeline = lifeline;
        this.patience = patience;
        this.steady = steady;
    }

    void follow(Set<InetSocketAddress> apiServer) {
        servers = Set.copyOf(apiServer);
    }

    Set<InetSocketAddress> servers() {
        return servers;
    }

    Duration patience() {
        return patience;
    }

    Instant now() {
        return steady.instant();
    }

    /** One try: whether one of these answers. Waits a tenth of the patience if none does. */
    boolean oneOf(Set<InetSocketAddress> reached) {
        return !reached.isEmpty() && lifeline.answers(reached, patience.dividedBy(TRIES));
    }

    /** As {@code ADDRESS:PORT}; an IPv6 address is in brackets. */
    static String text(InetSocketAddress server) {
        InetAddress address = server.getAddress();
        String text = IpFamily.format(address);
        return (IpFamily.of(address) == IpFamily.IPV4 ? text : "[" + text + "]") + ":" + server.getPort();
    }

    /** Empty if the text is damaged. */
    static Optional<InetSocketAddress> parse(String text) {
        int colon = text.lastIndexOf(':');
        try {
            InetAddress address = InetAddress.ofLiteral(
                    text.substring(0, Math.max(0, colon)).replace("[", "").replace("]", ""));
            return Optional.of(new InetSocketAddress(address, Integer.parseInt(text.substring(colon + 1))));
        } catch (IllegalArgumentException damaged) {
            return Optional.empty();
        }
    }
}
