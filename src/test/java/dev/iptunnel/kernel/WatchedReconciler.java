package dev.iptunnel.kernel;

import dev.iptunnel.agent.Tunnels;
import dev.iptunnel.agent.reconcile.OfflineReconciler;
import dev.iptunnel.api.IpTunnels;
import dev.iptunnel.api.v1alpha1.IpTunnel;
import dev.iptunnel.tunnel.IpFamily;
import dev.iptunnel.tunnel.TunnelMode;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.UnaryOperator;

/** The agent's reconciler over this kernel, without an API server. It is woken by the kernel, and called by the test. */
final class WatchedReconciler implements AutoCloseable {
    private static final int QUIET_MILLISECONDS = 300;
    private static final int PATIENCE_SECONDS = 30;

    /** The tunnels that were woken, in order. */
    final List<String> woken = new CopyOnWriteArrayList<>();

    private final OfflineReconciler reconciler;

    /**
     * @param heard is called for each event of the kernel
     * @param intercepted what the reconciler sees of the kernel
     */
    WatchedReconciler(TunnelKernel kernel, Runnable heard, UnaryOperator<TunnelKernel> intercepted) {
        reconciler = new OfflineReconciler(Tunnels.NODE, _ -> intercepted.apply(kernel));
        reconciler.source.setEventHandler(
                event -> woken.add(event.getRelatedCustomResourceID().getName()));
        reconciler.source.start();
        kernel.watch(event -> {
            reconciler.source.handle(event);
            heard.run();
        });
    }

    void reconcile(IpTunnel tunnel) {
        reconciler.reconcile(tunnel);
    }

    /** Until no tunnel was woken for a while. */
    void awaitQuiet() throws InterruptedException {
        for (int before = -1; before != woken.size(); ) {
            before = woken.size();
            Thread.sleep(QUIET_MILLISECONDS);
        }
    }

    void awaitWoken(String tunnel) throws InterruptedException {
        Instant deadline = Instant.now().plusSeconds(PATIENCE_SECONDS);
        while (!woken.contains(tunnel)) {
            if (Instant.now().isAfter(deadline)) {
                throw new AssertionError(tunnel + " was not woken");
            }
            Thread.sleep(10);
        }
    }

    /** With the name {@code tunNUMBER}, an address and a route, over {@code under0}. */
    static IpTunnel tunnel(TunnelMode mode, int number) {
        boolean outer4 = mode.outer() == IpFamily.IPV4;
        boolean inner4 = mode.inner() == IpFamily.IPV4;
        IpTunnel tunnel = Tunnels.of(
                "tun" + number,
                mode.name().toLowerCase(Locale.ROOT),
                outer4 ? "192.0.2.1" : "2001:db8::1",
                "under0",
                "Up");
        tunnel.setSpec(IpTunnels.with(
                tunnel.getSpec(),
                """
                remote: "%s"
                addresses: [{address: "%s"}]
                routes: [{destination: "%s"}]
                """
                        .formatted(
                                (outer4 ? "192.0.2.1" : "2001:db8::1") + number,
                                inner4 ? "10.9." + number + ".1/30" : "fd09:" + number + "::1/64",
                                inner4 ? "10.88." + number + ".0/24" : "fd88:" + number + "::/64")));
        return tunnel;
    }

    @Override
    public void close() {
        reconciler.close();
    }
}
