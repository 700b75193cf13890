package dev.iptunnel.kernel;

import dev.iptunnel.libc.NetlinkSocket;
import dev.iptunnel.libc.TunnelIoctl;
import dev.iptunnel.netlink.NetlinkException;
import dev.iptunnel.netlink.Rtnetlink;
import dev.iptunnel.tunnel.DesiredTunnel;
import dev.iptunnel.tunnel.Mark;
import dev.iptunnel.tunnel.Observation;
import dev.iptunnel.tunnel.ObservedLink;
import dev.iptunnel.tunnel.Plan;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Predicate;

/** The tunnels of the network namespace that this process is in. */
public final class LinuxTunnelKernel implements TunnelKernel {
    private final Rtnetlink rtnetlink;
    private final TunnelIoctl ioctl;
    private final KernelView view;
    private final PlanExecutor executor;
    private final List<KernelWatch> watches = new ArrayList<>();

    private LinuxTunnelKernel(
            Rtnetlink rtnetlink, TunnelIoctl ioctl, List<InetAddress> apiServer, OperationListener listener) {
        this.rtnetlink = rtnetlink;
        this.ioctl = ioctl;
        view = new KernelView(rtnetlink, new SurroundingsView(rtnetlink, apiServer));
        executor = new PlanExecutor(rtnetlink, ioctl, listener);
    }

    /**
     * Of the network namespace that the calling thread is in.
     *
     * @param apiServer the addresses that the API server is reached by, which no route may take over
     */
    public static LinuxTunnelKernel open(List<InetAddress> apiServer, OperationListener listener) {
        return new LinuxTunnelKernel(new Rtnetlink(NetlinkSocket.open()), new TunnelIoctl(), apiServer, listener);
    }

    @Override
    public Observation observe(DesiredTunnel desired) {
        return view.observe(desired);
    }

    @Override
    public List<ObservedLink> marked() {
        return marked(_ -> true);
    }

    @Override
    public List<ObservedLink> markedBy(String manager, String uid, String likelyName) {
        Predicate<Mark> wanted = mark -> mark.isOf(manager) && mark.uid().equals(uid);
        try {
            List<ObservedLink> likely = view
                    .byName(likelyName)
                    .filter(link -> link.tunnel().isPresent()
                            && link.mark().filter(wanted).isPresent())
                    .stream()
                    .toList();
            return likely.isEmpty() ? marked(wanted) : likely;
        } catch (NetlinkException e) {
            throw KernelErrors.reading(likelyName, e);
        }
    }

    private List<ObservedLink> marked(Predicate<Mark> wanted) {
        try {
            return view.marked(wanted).toList();
        } catch (NetlinkException e) {
            throw KernelErrors.reading("all tunnels", e);
        }
    }

    @Override
    public void execute(Plan plan) {
        executor.execute(plan);
    }

    @Override
    public synchronized void watch(Consumer<KernelEvent> listener) {
        watches.add(KernelWatch.start(listener, rtnetlink::links));
    }

    @Override
    public synchronized void close() {
        watches.forEach(KernelWatch::close);
        ioctl.close();
        rtnetlink.close();
    }
}
