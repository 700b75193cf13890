package dev.iptunnel.kernel;

import dev.iptunnel.errno.Errno;
import dev.iptunnel.libc.LibcException;
import dev.iptunnel.netlink.message.NetlinkException;
import dev.iptunnel.observation.EgressPath;
import dev.iptunnel.observation.Observation;
import dev.iptunnel.observation.ObservedLink;
import dev.iptunnel.observation.TunnelObserver;
import dev.iptunnel.plan.Operation;
import dev.iptunnel.plan.Operation.AddAddress;
import dev.iptunnel.plan.Operation.AddRoute;
import dev.iptunnel.plan.Plan;
import dev.iptunnel.planner.SimulatedNode;
import dev.iptunnel.planner.SimulatedRefusal;
import dev.iptunnel.tunnel.DesiredTunnel;
import dev.iptunnel.tunnel.Mark;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * Tunnels in memory: a {@link SimulatedNode} behind the interface of the kernel layer, with its errors. As the kernel's,
 * its operations may be asked for in parallel; the node itself is read by one thread while nothing is going on.
 */
public final class FakeTunnelKernel implements TunnelKernel {
    private final SimulatedNode node;
    private final List<Plan> executed = new ArrayList<>();
    private final List<Consumer<KernelEvent>> listeners = new ArrayList<>();
    private final AtomicInteger executing = new AtomicInteger();
    private volatile CountDownLatch held = new CountDownLatch(0);
    private boolean permitted = true;
    private boolean readable = true;
    private volatile Set<InetAddress> guarded = Set.of();

    public FakeTunnelKernel(SimulatedNode node) {
        this.node = node;
    }

    public SimulatedNode node() {
        return node;
    }

    /** The plans so far that the kernel was asked to execute, those that it refused among them. */
    public List<Plan> executed() {
        synchronized (node) {
            return List.copyOf(executed);
        }
    }

    /** Takes {@code NET_ADMIN} away. */
    public void forbid() {
        permitted = false;
    }

    /** Every plan takes from now on until {@link #release}. */
    public void hold() {
        held = new CountDownLatch(1);
    }

    public void release() {
        held.countDown();
    }

    /** How many plans are being executed. */
    public int executing() {
        return executing.get();
    }

    /** The links that it holds, while others may change them. */
    public List<ObservedLink> links() {
        synchronized (node) {
            return node.all().toList();
        }
    }

    /** Every read fails from now on. */
    public void breakReads() {
        readable = false;
    }

    /** Has every listener told. */
    public void tell(KernelEvent event) {
        listeners.forEach(listener -> listener.accept(event));
    }

    @Override
    public Observation observe(DesiredTunnel desired) {
        requireReadable(desired.interfaceName());
        synchronized (node) {
            return new TunnelObserver(node).observe(desired);
        }
    }

    @Override
    public Optional<Observation> recall(DesiredTunnel desired) {
        synchronized (node) {
            return readable ? new TunnelObserver(node).recall(desired) : Optional.empty();
        }
    }

    @Override
    public List<ObservedLink> marked() {
        return marked(_ -> true);
    }

    @Override
    public List<ObservedLink> markedBy(String manager, String objectName) {
        return marked(mark -> mark.isOf(manager) && mark.name().equals(objectName));
    }

    @Override
    public List<ObservedLink> halfBorn(String manager) {
        requireReadable("all tunnels");
        return links().stream().filter(link -> link.isHalfBorn(manager)).toList();
    }

    private List<ObservedLink> marked(Predicate<Mark> wanted) {
        requireReadable("all tunnels");
        return links().stream()
                .filter(link ->
                        link.tunnel().isPresent() && link.mark().filter(wanted).isPresent())
                .toList();
    }

    @Override
    public List<EgressPath> egress(Collection<InetAddress> destinations) {
        synchronized (node) {
            TunnelObserver observer = new TunnelObserver(node);
            return destinations.stream().map(observer::egress).toList();
        }
    }

    @Override
    public Optional<String> nameOf(int ifindex) {
        return links().stream()
                .filter(link -> link.index() == ifindex)
                .map(ObservedLink::name)
                .findFirst();
    }

    @Override
    public void execute(Plan plan) {
        executing.incrementAndGet();
        try {
            held.await();
            synchronized (node) {
                apply(plan);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            executing.decrementAndGet();
        }
    }

    private void apply(Plan plan) {
        executed.add(plan);
        if (!permitted && !plan.isEmpty()) {
            Operation first = plan.operations().getFirst();
            throw KernelErrors.of(first, new LibcException("SIOCADDTUNNEL", Errno.EPERM));
        }
        try {
            node.apply(plan);
        } catch (SimulatedRefusal e) {
            KernelException failure = failure(e);
            Arrays.stream(e.getSuppressed())
                    .map(SimulatedRefusal.class::cast)
                    .map(FakeTunnelKernel::failure)
                    .forEach(failure::addSuppressed);
            throw told(plan, e, failure);
        }
    }

    /** As the executor tells it. */
    private static KernelException told(Plan plan, SimulatedRefusal first, KernelException failure) {
        List<Operation> failed = Stream.concat(Stream.of(first), Arrays.stream(first.getSuppressed()))
                .map(refusal -> ((SimulatedRefusal) refusal).operation())
                .toList();
        List<Operation> executed = new ArrayList<>();
        for (Operation operation : plan.operations()) {
            if (!failed.contains(operation)) {
                executed.add(operation);
            } else if (!(operation instanceof AddAddress || operation instanceof AddRoute)) {
                return failure.of(executed, false);
            }
        }
        return failure.of(executed, true);
    }

    private static KernelException failure(SimulatedRefusal refusal) {
        return KernelErrors.of(refusal.operation(), new LibcException("the kernel", refusal.errno()));
    }

    private void requireReadable(String name) {
        if (!readable) {
            throw KernelErrors.reading(name, new NetlinkException("RTM_GETLINK", Errno.ENOBUFS));
        }
    }

    @Override
    public void watch(Consumer<KernelEvent> listener) {
        listeners.add(listener);
    }

    @Override
    public void guard(Set<InetAddress> apiServer) {
        guarded = Set.copyOf(apiServer);
    }

    /** The addresses that the API server was last said to be reached by. */
    public Set<InetAddress> guarded() {
        return guarded;
    }

    @Override
    public void resync() {
        tell(new KernelEvent.EverythingChanged());
    }

    @Override
    public void close() {
        listeners.clear();
    }
}
