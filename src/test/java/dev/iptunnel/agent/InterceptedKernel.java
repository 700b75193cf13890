package dev.iptunnel.agent;

import dev.iptunnel.kernel.KernelEvent;
import dev.iptunnel.kernel.TunnelKernel;
import dev.iptunnel.observation.EgressPath;
import dev.iptunnel.observation.Observation;
import dev.iptunnel.observation.ObservedLink;
import dev.iptunnel.plan.Plan;
import dev.iptunnel.tunnel.DesiredTunnel;
import java.net.InetAddress;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/** A kernel in which something happens between two calls of a test. */
public final class InterceptedKernel implements TunnelKernel {
    private final TunnelKernel kernel;
    private final Runnable afterObserving;
    private final Consumer<Plan> beforeExecuting;
    private final Runnable afterExecuting;

    public InterceptedKernel(TunnelKernel kernel, Runnable afterObserving, Consumer<Plan> beforeExecuting) {
        this(kernel, afterObserving, beforeExecuting, () -> {});
    }

    public InterceptedKernel(
            TunnelKernel kernel, Runnable afterObserving, Consumer<Plan> beforeExecuting, Runnable afterExecuting) {
        this.kernel = kernel;
        this.afterObserving = afterObserving;
        this.beforeExecuting = beforeExecuting;
        this.afterExecuting = afterExecuting;
    }

    @Override
    public Observation observe(DesiredTunnel desired) {
        Observation observed = kernel.observe(desired);
        afterObserving.run();
        return observed;
    }

    @Override
    public Optional<Observation> recall(DesiredTunnel desired) {
        return kernel.recall(desired);
    }

    @Override
    public List<ObservedLink> marked() {
        return kernel.marked();
    }

    @Override
    public List<ObservedLink> markedBy(String manager, String objectName) {
        return kernel.markedBy(manager, objectName);
    }

    @Override
    public List<ObservedLink> halfBorn(String manager) {
        return kernel.halfBorn(manager);
    }

    @Override
    public List<EgressPath> egress(Collection<InetAddress> destinations) {
        return kernel.egress(destinations);
    }

    @Override
    public Optional<String> nameOf(int ifindex) {
        return kernel.nameOf(ifindex);
    }

    @Override
    public void execute(Plan plan) {
        beforeExecuting.accept(plan);
        synchronized (kernel) {
            kernel.execute(plan);
        }
        afterExecuting.run();
    }

    @Override
    public void catchUp() {
        kernel.catchUp();
    }

    @Override
    public void follow(DesiredTunnel desired) {
        kernel.follow(desired);
    }

    @Override
    public void watch(Consumer<KernelEvent> listener) {
        kernel.watch(listener);
    }

    @Override
    public void guard(Set<InetAddress> apiServer) {
        kernel.guard(apiServer);
    }

    @Override
    public void resync() {
        kernel.resync();
    }

    @Override
    public void close() {
        kernel.close();
    }
}
