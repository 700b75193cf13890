package dev.iptunnel.kernel;

import dev.iptunnel.observation.Observation;
import dev.iptunnel.observation.ObservedLink;
import dev.iptunnel.plan.Plan;
import dev.iptunnel.tunnel.DesiredTunnel;
import java.net.InetAddress;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/**
 * The tunnels of one network namespace. Everything may run in parallel; that no two plans are about the same interface is
 * the caller's care. All methods throw {@link KernelException} where the kernel refuses.
 */
public interface TunnelKernel extends AutoCloseable {
    /** What the kernel holds now that bears on the desired tunnel. */
    Observation observe(DesiredTunnel desired);

    /**
     * The same as far as the kernel told, without asking it. It may be behind, so a difference is a reason to {@link
     * #observe}, and none to act.
     *
     * @return empty where the kernel has to be asked: nothing is watched, or surroundings matter
     */
    Optional<Observation> recall(DesiredTunnel desired);

    /** Every tunnel whose alias is a readable mark, whoever its manager is, as far as the kernel told. */
    List<ObservedLink> marked();

    /** The tunnels that carry a mark of this manager with this object's name, whatever its UID: names are unique. */
    List<ObservedLink> markedBy(String manager, String objectName);

    /**
     * Tunnels that an agent of this manager made and did not come to mark: looked for in what the kernel told, and each
     * read again.
     */
    List<ObservedLink> halfBorn(String manager);

    /**
     * Applies the operations in order and stops at the first that fails; of addresses and routes that are added, each is
     * tried, and the first failure thrown afterwards. The exception has what was executed nevertheless.
     */
    void execute(Plan plan);

    /** Calls the listener, in a thread of the kernel's, for each change until this is closed. Once at most. */
    void watch(Consumer<KernelEvent> listener);

    /** From now on the API server is reached by these addresses, which no route may take over. */
    void guard(Set<InetAddress> apiServer);

    /** Compares what is recalled with all that the kernel holds, and tells the listener of what it was not told. */
    void resync();

    /** Of the threads that read the kernel's notifications. */
    default List<Heartbeat> heartbeats() {
        return List.of();
    }

    @Override
    void close();
}
