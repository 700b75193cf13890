package dev.iptunnel.agent.spec;

import dev.iptunnel.api.v1alpha1.IpTunnelSpec;
import dev.iptunnel.api.v1alpha1.LocalSource;
import dev.iptunnel.tunnel.IpFamily;
import dev.iptunnel.tunnel.LocalAddress;
import dev.iptunnel.tunnel.TunnelMode;
import java.net.InetAddress;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Reads where a tunnel's outer source address comes from. */
final class LocalSourceReader {
    private final List<InetAddress> nodeAddresses;

    LocalSourceReader(List<InetAddress> nodeAddresses) {
        this.nodeAddresses = List.copyOf(nodeAddresses);
    }

    LocalAddress read(TunnelMode mode, IpTunnelSpec spec, String interfaceName) {
        LocalSource source = spec.localFrom();
        if (source == null && spec.local() == null) {
            throw new InvalidSpecException("spec.local: write an address of the node or \"any\", or write localFrom to"
                    + " have the address taken from an interface");
        }
        if (source != null && spec.local() != null) {
            throw new InvalidSpecException("spec.localFrom: local already gives the address: leave one of the two out");
        }
        return source == null
                ? new LocalAddress.Fixed(OuterEndpoints.read(mode, "spec.local", spec.local()))
                : read(mode.outer(), source, spec.parent(), interfaceName);
    }

    private LocalAddress read(IpFamily outer, LocalSource source, @Nullable String parent, String interfaceName) {
        return switch (source.type()) {
            case "Parent" -> {
                requireNoInterface(source);
                if (parent == null) {
                    throw new InvalidSpecException("spec.parent: localFrom takes the address of the parent: write the"
                            + " parent, or write localFrom with type Interface or NodeAddress");
                }
                yield new LocalAddress.OfInterface(parent);
            }
            case "Interface" -> new LocalAddress.OfInterface(sourceInterface(source, interfaceName));
            case "NodeAddress" -> {
                requireNoInterface(source);
                yield new LocalAddress.OfNode(nodeAddresses.stream()
                        .filter(address -> IpFamily.of(address) == outer)
                        .findFirst());
            }
            default ->
                throw new InvalidSpecException(
                        "spec.localFrom.type: \"" + source.type() + "\" is none of Parent, Interface, NodeAddress");
        };
    }

    private static void requireNoInterface(LocalSource source) {
        if (source.interfaceName() != null) {
            throw new InvalidSpecException("spec.localFrom.interfaceName: only type Interface names an interface: write"
                    + " that type, or leave interfaceName out");
        }
    }

    private static String sourceInterface(LocalSource source, String interfaceName) {
        if (source.interfaceName() == null) {
            throw new InvalidSpecException("spec.localFrom.interfaceName: write the interface that has the address");
        }
        if (source.interfaceName().equals(interfaceName)) {
            throw new InvalidSpecException("spec.localFrom.interfaceName: the tunnel's own interface has no outer"
                    + " address: write the interface that carries the outer packets");
        }
        return InterfaceNameReader.readOfAny("spec.localFrom.interfaceName", source.interfaceName());
    }
}
