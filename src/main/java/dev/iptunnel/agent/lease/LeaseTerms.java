package dev.iptunnel.agent.lease;

import java.time.Duration;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Where the agent keeps its Lease, and what proves that it hears of changes.
 *
 * @param namespace of the Lease: the agent's own
 * @param watchSilence how long nothing has arrived on the watch of IpTunnels; empty if it was never open. A pong counts:
 *     it proves that the connection and the API server behind it are alive
 */
public record LeaseTerms(String namespace, Supplier<Optional<Duration>> watchSilence) {}
