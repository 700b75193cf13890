package dev.iptunnel.kernel;

import dev.iptunnel.netlink.link.LinkStatistics;
import dev.iptunnel.observation.EgressPath;
import dev.iptunnel.observation.Observation;
import dev.iptunnel.observation.ObservedLink;
import dev.iptunnel.plan.Plan;
import dev.iptunnel.tunnel.DesiredTunnel;
import dev.iptunnel.tunnel.TunnelDriver;
import java.net.InetAddress;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.function.Consumer;

/**
 * The tunnels of one network namespace. Calls may run in parallel, but the caller must not execute two plans for the
 * same interface at the same time. All methods throw {@link KernelException} where the kernel refuses.
 */
public interface TunnelKernel extends AutoCloseable {
    /** What the kernel holds now that bears on the desired tunnel. */
    Observation observe(DesiredTunnel desired);

    /**
     * The same without a list of all tunnels: the notifications tell which may be meant, and each of these is read again. A
     * tunnel whose notification has not arrived yet is missed.
     *
     * @param ifindex of a tunnel that carried the mark of the object, if known
     */
    default Observation reread(DesiredTunnel desired, OptionalInt ifindex) {
        return observe(desired);
    }

    /**
     * The same from what is known by notifications. That may be stale, so a difference is a reason to {@link #observe},
     * and no reason to act.
     *
     * @return empty where the kernel has to be asked, since nothing is watched, or surroundings matter
     */
    Optional<Observation> recall(DesiredTunnel desired);

    /** Every known tunnel whose alias is a readable mark, of any manager. */
    List<ObservedLink> marked();

    /**
     * The tunnels with a mark of this manager and an object of this name, whatever its UID is. The kernel is asked: of those
     * that it told of, each is read, and only where there is none is everything listed.
     */
    List<ObservedLink> markedBy(String manager, String objectName);

    /**
     * Tunnels that an agent of this manager made and did not mark before it ended. They are searched for among the
     * known tunnels, and each is read again.
     */
    List<ObservedLink> halfBorn(String manager);

    /** How the node's own packets to these addresses leave it now; the kernel is asked. */
    List<EgressPath> egress(Collection<InetAddress> destinations);

    /** The name of the interface of this ifindex; the kernel is asked. */
    Optional<String> nameOf(int ifindex);

    /**
     * Executes the operations in order, and stops at the first that fails. Each address, route and setting is tried
     * even where another failed before, and the first failure is thrown at the end. The exception has the operations
     * that were executed all the same.
     */
    void execute(Plan plan);

    /** Calls the listener for each change, in a thread of its own, until this is closed. To be called once at most. */
    void watch(Consumer<KernelEvent> listener);

    /**
     * Waits until the listener was called for what has changed so far, as far as the kernel told of it at once. It waits only
     * for a moment, and so may return before.
     */
    default void catchUp() {}

    /**
     * From now on the listener is called for changes of all that the tunnel depends on, as far as the kernel tells of them. A
     * tunnel that was recalled is followed already.
     */
    default void follow(DesiredTunnel desired) {}

    /**
     * Whether packets from the source to the destination leave the node outside of tunnels with a mark. The source has to be
     * an address of the node that no such tunnel has. The kernel is asked.
     */
    default boolean leavesOutsideTunnels(InetAddress source, InetAddress destination) {
        return true;
    }

    /** The API server is reached by these addresses from now on. No route may take over packets to them. */
    void guard(Set<InetAddress> apiServer);

    /** Compares what is known with all that the kernel holds, and calls the listener for each change that was missed. */
    void resync();

    /**
     * The counters of the interfaces of these drivers, by ifindex. It does not wait for a plan, and no plan waits for it.
     */
    default Map<Integer, LinkStatistics> statistics(Set<TunnelDriver> drivers) {
        return Map.of();
    }

    /** What became of the kernel's notifications. */
    default WatchCounts watchCounts() {
        return WatchCounts.NONE;
    }

    /** The heartbeats of the threads that read the kernel's notifications. */
    default List<Heartbeat> heartbeats() {
        return List.of();
    }

    @Override
    void close();
}
