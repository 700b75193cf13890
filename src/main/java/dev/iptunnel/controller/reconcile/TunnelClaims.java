package dev.iptunnel.controller.reconcile;

import dev.iptunnel.api.v1alpha1.IpTunnelStatus;
import dev.iptunnel.api.v1alpha1.set.IpTunnelSet;
import dev.iptunnel.controller.cluster.StoredTunnel;
import dev.iptunnel.set.change.Claim;
import dev.iptunnel.set.change.Claim.OtherSet;
import dev.iptunnel.tunnel.IpFamily;
import dev.iptunnel.tunnel.TunnelMode;
import java.net.InetAddress;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;

/** What IpTunnels claim on their nodes. */
final class TunnelClaims {
    private static final String ANY = "any";

    private TunnelClaims() {}

    /**
     * The claim of one IpTunnel; empty if its spec has no mode or remote that can be read: no agent programs it.
     *
     * @param sets by UID
     */
    static Optional<Claim> of(StoredTunnel tunnel, Map<String, IpTunnelSet> sets) {
        Optional<TunnelMode> mode = TunnelMode.ofText(tunnel.text("mode"));
        Optional<InetAddress> remote = mode.flatMap(known -> address(tunnel.text("remote"), known));
        return remote.map(address -> new Claim(
                tunnel.getMetadata().getName(),
                tunnel.nodeName(),
                mode.orElseThrow().driver(),
                local(tunnel, mode.orElseThrow()),
                address,
                tunnel.text("parent"),
                tunnel.interfaceName(),
                Optional.ofNullable(sets.get(tunnel.setUid())).map(TunnelClaims::set)));
    }

    /** Where the address is taken from an interface, the status says which one it is. */
    private static Optional<InetAddress> local(StoredTunnel tunnel, TunnelMode mode) {
        return address(tunnel.text("local"), mode).or(() -> Optional.ofNullable(tunnel.getStatus())
                .map(IpTunnelStatus::local)
                .flatMap(text -> address(text, mode)));
    }

    private static Optional<InetAddress> address(String text, TunnelMode mode) {
        return text.equals(ANY) ? Optional.of(mode.outer().any()) : IpFamily.literal(text);
    }

    private static OtherSet set(IpTunnelSet set) {
        return new OtherSet(set.getMetadata().getName(), set.getMetadata().getUid(), created(set));
    }

    /** When the set was created. */
    static Instant created(IpTunnelSet set) {
        return Instant.parse(set.getMetadata().getCreationTimestamp());
    }
}
