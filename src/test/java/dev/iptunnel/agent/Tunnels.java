package dev.iptunnel.agent;

import dev.iptunnel.agent.program.Outcome;
import dev.iptunnel.agent.program.TunnelProgrammer;
import dev.iptunnel.agent.spec.InvalidSpecException;
import dev.iptunnel.agent.spec.SpecReader;
import dev.iptunnel.api.IpTunnels;
import dev.iptunnel.api.v1alpha1.IpTunnel;
import dev.iptunnel.observation.ObservedLink;
import dev.iptunnel.planner.ListedClaims;
import dev.iptunnel.planner.SimulatedNode;
import dev.iptunnel.tunnel.DeletionPolicy;
import dev.iptunnel.tunnel.IpFamily;
import dev.iptunnel.tunnel.Mark;
import dev.iptunnel.tunnel.TunnelDriver;
import dev.iptunnel.tunnel.TunnelParameters;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/** IpTunnels and interfaces for tests. */
public final class Tunnels {
    public static final String MANAGER = "cluster";
    public static final String NODE = "node1";
    public static final SpecReader READER = new SpecReader(MANAGER, List.of(IpFamily.IPV4.parse("192.0.2.1")));

    private Tunnels() {}

    /** An ipip tunnel to 192.0.2.2, whose UID is {@code uid-of-NAME}. */
    public static IpTunnel ipip(String name) {
        return of(name, "ipip", "192.0.2.1", null, "Up");
    }

    public static IpTunnel of(String name, String mode, String local, @Nullable String parent, String adminState) {
        String remote = local.contains(":") ? "2001:db8::2" : "192.0.2.2";
        IpTunnel tunnel = IpTunnels.tunnel(
                name,
                IpTunnels.spec(
                        """
                nodeName: %s
                mode: %s
                local: "%s"
                remote: "%s"
                parent: %s
                adminState: %s
                """,
                        NODE, mode, local, remote, parent, adminState));
        tunnel.setMetadata(new ObjectMetaBuilder()
                .withName(name)
                .withUid("uid-of-" + name)
                .withGeneration(1L)
                .withResourceVersion("1")
                .build());
        return tunnel;
    }

    /** An ipip tunnel to 192.0.2.2 whose spec has these fields, too. */
    public static IpTunnel ipip(String name, String fields) {
        IpTunnel tunnel = ipip(name);
        tunnel.setSpec(IpTunnels.with(tunnel.getSpec(), fields));
        return tunnel;
    }

    /** Programs the tunnel as the reconciler does if no other object wants the same. */
    public static Outcome program(TunnelProgrammer programmer, IpTunnel tunnel) {
        try {
            return programmer.program(READER.read(tunnel), OptionalInt.empty(), () -> ListedClaims.NONE, _ -> {});
        } catch (InvalidSpecException e) {
            return Outcome.invalid(e);
        }
    }

    public static Mark mark(String name) {
        return new Mark(MANAGER, "uid-of-" + name, DeletionPolicy.DELETE, name);
    }

    /** Puts a tunnel with this alias on the node; its remote is 198.51.100.INDEX. */
    public static void put(SimulatedNode node, int index, String name, String alias) {
        TunnelParameters parameters = new TunnelParameters(
                TunnelDriver.IPIP,
                4,
                IpFamily.IPV4.parse("192.0.2.1"),
                IpFamily.IPV4.parse("198.51.100." + index),
                0,
                64,
                OptionalInt.of(0),
                true,
                OptionalInt.empty(),
                OptionalInt.of(0));
        node.put(ObservedLink.builder(index, name)
                .alias(alias)
                .operState("UNKNOWN")
                .mtu(1480)
                .tunnel(Optional.of(parameters))
                .build());
    }
}
