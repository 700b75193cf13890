package dev.iptunnel.kernel;

import dev.iptunnel.tunnel.DesiredTunnel;
import dev.iptunnel.tunnel.Observation;
import dev.iptunnel.tunnel.ObservedLink;
import dev.iptunnel.tunnel.Plan;
import java.util.List;
import java.util.function.Consumer;

/**
 * The tunnels of one network namespace. Everything may run in parallel; that no two plans are about the same interface is
 * the caller's care. All methods throw {@link KernelException} where the kernel refuses.
 */
public interface TunnelKernel extends AutoCloseable {
    /** What the kernel holds now that bears on the desired tunnel. */
    Observation observe(DesiredTunnel desired);

    /** Every tunnel whose alias is a readable mark, whoever its manager is. */
    List<ObservedLink> marked();

    /**
     * The tunnels that carry a mark of this manager and object.
     *
     * @param likelyName looked at first; only if that is not one are all tunnels read
     */
    List<ObservedLink> markedBy(String manager, String uid, String likelyName);

    /**
     * Applies the operations in order and stops at the first that fails; of addresses and routes that are added, each is
     * tried, and the first failure thrown afterwards.
     */
    void execute(Plan plan);

    /** Calls the listener, in a thread of the kernel's, for each change until this is closed. */
    void watch(Consumer<KernelEvent> listener);

    @Override
    void close();
}
