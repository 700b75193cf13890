package dev.iptunnel.command;

import dev.iptunnel.agent.program.TunnelProgrammer;
import dev.iptunnel.agent.spec.SpecReader;
import dev.iptunnel.kernel.KernelException;
import dev.iptunnel.kernel.TunnelKernel;
import dev.iptunnel.kernel.inventory.PresentTunnel;
import dev.iptunnel.manifest.ManifestReader;
import dev.iptunnel.manifest.NodeManifests;
import dev.iptunnel.observation.ObservedLink;
import dev.iptunnel.plan.Refusal;
import dev.iptunnel.show.TunnelManifest;
import dev.iptunnel.tunnel.DeletionPolicy;
import dev.iptunnel.tunnel.IpFamily;
import dev.iptunnel.tunnel.Mark;
import dev.iptunnel.tunnel.ReversePathFilter;
import dev.iptunnel.tunnel.TunnelMode;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Makes the tunnels with a mark as they were before a command changed them: those that came go, those that were taken over
 * lose the mark, and the others get back what they had. The caller holds the writer's lock.
 */
public final class UndoRun {
    private final TunnelKernel kernel;
    private final String nodeName;
    private final List<InetAddress> nodeAddresses;
    private final List<PresentTunnel> before;

    /** @param before all tunnels of the node as they were */
    public UndoRun(TunnelKernel kernel, String nodeName, List<InetAddress> nodeAddresses, List<PresentTunnel> before) {
        this.kernel = kernel;
        this.nodeName = nodeName;
        this.nodeAddresses = List.copyOf(nodeAddresses);
        this.before = List.copyOf(before);
    }

    /** Whether a tunnel differs from what it was. */
    public boolean hasChanges(List<PresentTunnel> now) {
        return !links(before).equals(links(now));
    }

    private static List<ObservedLink> links(List<PresentTunnel> tunnels) {
        return tunnels.stream().map(PresentTunnel::link).toList();
    }

    /**
     * Undoes what changed.
     *
     * @param now all tunnels of the node
     */
    public void run(List<PresentTunnel> now, Report report) {
        TunnelProgrammer programmer = new TunnelProgrammer(kernel);
        links(now).forEach(link -> link.mark().ifPresent(mark -> policy(link).ifPresent(policy -> {
            try {
                programmer.remove(link, policy, () -> true);
                report.line(
                        mark.name(), policy == DeletionPolicy.DELETE ? "deleted again" : "its mark is removed again");
            } catch (KernelException e) {
                report.refused(mark.name(), new Refusal(e.reason(), e.detail()));
            }
        })));
        new ApplyRun(kernel, manifests(), new ClusterOwned(true, nodeAddresses), report).run();
    }

    /** How a tunnel that has a mark now loses it; empty if it had one before. */
    private Optional<DeletionPolicy> policy(ObservedLink link) {
        return links(before).stream()
                .filter(old -> old.index() == link.index())
                .findFirst()
                .map(old ->
                        old.mark().isPresent() ? Optional.<DeletionPolicy>empty() : Optional.of(DeletionPolicy.RETAIN))
                .orElse(Optional.of(DeletionPolicy.DELETE));
    }

    private NodeManifests manifests() {
        String documents = before.stream()
                .filter(tunnel -> !tunnel.fallback())
                .flatMap(tunnel -> tunnel.link().mark().map(mark -> manifest(tunnel, mark)).stream())
                .collect(Collectors.joining("\n---\n"));
        return NodeManifests.of(
                ManifestReader.readText("the tunnels before", documents),
                nodeName,
                new SpecReader(Mark.COMMAND, nodeAddresses));
    }

    /** Whatever the tunnel was allowed to take over, it may take over again. */
    private String manifest(PresentTunnel tunnel, Mark mark) {
        List<String> lines = new ArrayList<>(TunnelManifest.of(tunnel, nodeName));
        lines.add("  allowIsolation: true");
        lines.add("  fallbackPolicy: TakeOver");
        if (mark.deletionPolicy() == DeletionPolicy.RETAIN) {
            lines.add("  deletionPolicy: Retain");
        }
        reversePathFilter(tunnel.link()).ifPresent(text -> lines.add("  reversePathFilter: " + text));
        return String.join("\n", lines);
    }

    private static Optional<String> reversePathFilter(ObservedLink link) {
        boolean carriesIp4 = link.tunnel()
                .flatMap(tunnel -> TunnelMode.of(tunnel.driver(), tunnel.protocol()))
                .filter(mode -> mode.inner() == IpFamily.IPV4)
                .isPresent();
        return Stream.of(link.reversePathFilter())
                .filter(filter -> carriesIp4 && filter.isPresent())
                .flatMap(filter -> ReversePathFilter.ofNumber(filter.getAsInt()).stream())
                .map(ReversePathFilter::toString)
                .findFirst();
    }
}
