package dev.iptunnel.command;

import dev.iptunnel.agent.spec.SpecReader;
import dev.iptunnel.api.v1alpha1.IpTunnel;
import dev.iptunnel.manifest.Manifest;
import dev.iptunnel.manifest.NodeManifests;
import dev.iptunnel.manifest.NodeManifests.Wanted;
import dev.iptunnel.observation.ObservedLink;
import dev.iptunnel.plan.Reason;
import dev.iptunnel.plan.Refusal;
import dev.iptunnel.tunnel.DesiredTunnel;
import dev.iptunnel.tunnel.Mark;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import java.net.InetAddress;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * Tunnels with the mark of a cluster. The command leaves them alone unless it is forced; then it keeps the mark, so that the
 * cluster's agent recognises its tunnel.
 *
 * @param forced whether the user has said so
 * @param nodeAddresses the node's own addresses
 */
public record ClusterOwned(boolean forced, List<InetAddress> nodeAddresses) {
    private static final String OPTION = "--force-cluster-owned";

    public ClusterOwned {
        nodeAddresses = List.copyOf(nodeAddresses);
    }

    /** The mark of a tunnel that another manager than this command has. */
    static Optional<Mark> mark(ObservedLink link) {
        return link.mark().filter(mark -> !mark.isOf(Mark.COMMAND));
    }

    /** Why the tunnel of a cluster is left alone; empty if the user forces it. */
    Optional<Refusal> refuse(ObservedLink link, Mark mark) {
        return forced
                ? Optional.empty()
                : Optional.of(new Refusal(
                        Reason.INTERFACE_NAME_CONFLICT,
                        link.inWords() + " belongs to " + inWords(mark)
                                + ", whose agent will put it back: change the object" + " instead (kubectl edit ipt "
                                + mark.name() + "), or add " + OPTION));
    }

    static String inWords(Mark mark) {
        return "the IpTunnel \"" + mark.name() + "\" of cluster " + mark.manager();
    }

    /** What is said after a tunnel of a cluster was changed. */
    static String warning(Mark mark) {
        return "it belongs to " + inWords(mark) + ": the agent will put it back when it runs";
    }

    /**
     * What the manifests ask for, with the marks that the tunnels of a cluster have. Without force nothing is changed.
     *
     * @param present the interface that has the name that is asked for
     */
    public NodeManifests adapted(NodeManifests manifests, Function<DesiredTunnel, Optional<ObservedLink>> present) {
        return forced
                ? new NodeManifests(
                        manifests.wanted().stream()
                                .map(wanted -> present.apply(wanted.desired())
                                        .flatMap(ClusterOwned::mark)
                                        .filter(mark -> isOf(mark, wanted.desired()))
                                        .map(mark -> as(mark, wanted))
                                        .orElse(wanted))
                                .toList(),
                        manifests.ofOtherNodes(),
                        manifests.problems())
                : manifests;
    }

    /** Whether the mark is that of a cluster's IpTunnel of the same name. */
    private static boolean isOf(Mark mark, DesiredTunnel desired) {
        return mark.name().equals(desired.mark().name())
                && !mark.isOf(desired.mark().manager());
    }

    private Wanted as(Mark mark, Wanted wanted) {
        IpTunnel tunnel = new IpTunnel();
        tunnel.setMetadata(new ObjectMetaBuilder(wanted.manifest().tunnel().getMetadata())
                .withName(mark.name())
                .withUid(mark.uid())
                .build());
        tunnel.setSpec(wanted.manifest().tunnel().getSpec());
        return new Wanted(
                new Manifest(wanted.manifest().place(), tunnel),
                new SpecReader(mark.manager(), nodeAddresses).read(tunnel));
    }
}
