package dev.iptunnel.kernel.read;

import dev.iptunnel.tunnel.Endpoints;
import dev.iptunnel.tunnel.TunnelDriver;
import java.util.Set;

/** Where to look for tunnels, by their ifindexes, as far as the kernel told: each has to be read again. */
public interface KnownTunnels {
    /** Those whose mark has this name of an object, and others whose mark the kernel does not tell of. */
    Set<Integer> ofObject(String name);

    /** Those with these endpoints. */
    Set<Integer> holding(Endpoints endpoints);

    /** The driver's devices that are for all remotes. */
    Set<Integer> forAllRemotesOf(TunnelDriver driver);
}
