package dev.iptunnel.kernel;

import dev.iptunnel.tunnel.Plan;
import dev.iptunnel.tunnel.TunnelMode;

/** A process that tries to make a tunnel, and prints the reason why it cannot. */
final class UnprivilegedTunnel {
    private UnprivilegedTunnel() {}

    public static void main(String... arguments) {
        TunnelNode node = new TunnelNode();
        try {
            node.kernel.execute((Plan) node.plan(TunnelNode.tunnel("tun", TunnelMode.IPIP)));
        } catch (KernelException e) {
            System.out.println(e.reason() + " " + e.detail());
        }
    }
}
