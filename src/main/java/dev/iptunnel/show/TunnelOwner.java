package dev.iptunnel.show;

import dev.iptunnel.kernel.inventory.PresentTunnel;
import dev.iptunnel.tunnel.Mark;
import java.util.Optional;

/**
 * Whose a tunnel is.
 *
 * @param mark empty if it is not ours
 */
record TunnelOwner(Kind kind, Optional<Mark> mark) {
    enum Kind {
        /** An IpTunnel of a cluster; the mark's manager is the cluster. */
        CLUSTER("IpTunnel"),
        /** A manifest that this command applied. */
        COMMAND("cli"),
        /** Somebody who is not known. */
        OTHER("other"),
        /** The driver, which makes its fallback device by itself. */
        KERNEL("kernel");

        private final String text;

        Kind(String text) {
            this.text = text;
        }

        @Override
        public String toString() {
            return text;
        }
    }

    static TunnelOwner of(PresentTunnel tunnel) {
        if (tunnel.fallback()) {
            return new TunnelOwner(Kind.KERNEL, Optional.empty());
        }
        Optional<Mark> mark = tunnel.link().mark();
        return new TunnelOwner(
                mark.map(known -> known.isOf(Mark.COMMAND) ? Kind.COMMAND : Kind.CLUSTER)
                        .orElse(Kind.OTHER),
                mark);
    }

    @Override
    public String toString() {
        return kind + mark.map(known -> "/" + known.name()).orElse("");
    }
}
