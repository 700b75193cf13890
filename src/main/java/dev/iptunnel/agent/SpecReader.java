package dev.iptunnel.agent;

import dev.iptunnel.api.v1alpha1.IpTunnel;
import dev.iptunnel.api.v1alpha1.IpTunnelSpec;
import dev.iptunnel.api.v1alpha1.LocalSource;
import dev.iptunnel.tunnel.AdoptionPolicy;
import dev.iptunnel.tunnel.DeletionPolicy;
import dev.iptunnel.tunnel.DesiredTunnel;
import dev.iptunnel.tunnel.IpFamily;
import dev.iptunnel.tunnel.LocalAddress;
import dev.iptunnel.tunnel.Mark;
import dev.iptunnel.tunnel.ReversePathFilter;
import dev.iptunnel.tunnel.TunnelMode;
import dev.iptunnel.tunnel.TunnelMtu;
import java.net.InetAddress;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Reads an IpTunnel into a desired tunnel. The API server has checked all of it; it is checked again because an older
 * CRD may have let it in, and nothing unchecked may reach the kernel.
 */
final class SpecReader {
    private static final int MAX_INTERFACE_NAME = 15;
    private static final Pattern INTERFACE_NAME = Pattern.compile("[!-~&&[^/:%]]{1," + MAX_INTERFACE_NAME + "}");
    private static final Set<String> RESERVED_NAMES =
            Set.of(".", "..", "lo", "all", "default", "tunl0", "sit0", "ip6tnl0");
    private static final String ANY = "any";

    private final String manager;
    private final List<InetAddress> nodeAddresses;

    /** @param nodeAddresses the node's own, in the order of preference */
    SpecReader(String manager, List<InetAddress> nodeAddresses) {
        this.manager = manager;
        this.nodeAddresses = List.copyOf(nodeAddresses);
    }

    /**
     * The desired tunnel of the object.
     *
     * @throws InvalidSpecException with a message that names the field and says what to write instead
     */
    DesiredTunnel read(IpTunnel tunnel) {
        IpTunnelSpec spec = tunnel.getSpec();
        TunnelMode mode = TunnelMode.ofText(spec.mode())
                .orElseThrow(() -> new InvalidSpecException(
                        "spec.mode: \"" + spec.mode() + "\" is none of ipip, sit, ip6ip6, ipip6"));
        requireNotAllOpen(spec);
        return new DesiredTunnel(
                field("metadata.name", () -> mark(tunnel)),
                created(tunnel),
                interfaceName("spec.interfaceName", interfaceNameOf(tunnel)),
                mode,
                local(mode, spec),
                field("spec.remote", () -> endpoint(mode, spec.remote())),
                Optional.ofNullable(spec.parent()).map(parent -> interfaceName("spec.parent", parent)),
                OuterHeaderReader.read(mode.outer(), spec),
                mtu(mode, spec.mtu()),
                InnerNetworkReader.addresses(mode.inner(), spec.addresses()),
                InnerNetworkReader.routes(mode.inner(), spec.routes()),
                Optional.ofNullable(spec.reversePathFilter()).map(SpecReader::reversePathFilter),
                adoptionPolicy(spec.adoptionPolicy()),
                spec.allowIsolation(),
                up(spec.adminState()),
                spec.paused());
    }

    /** The name of the interface that the object is about, be it valid or not. */
    static String interfaceNameOf(IpTunnel tunnel) {
        return Optional.ofNullable(tunnel.getSpec().interfaceName())
                .orElseGet(() -> tunnel.getMetadata().getName());
    }

    private static void requireNotAllOpen(IpTunnelSpec spec) {
        if (ANY.equals(spec.local()) && spec.remote().equals(ANY) && spec.parent() == null) {
            throw new InvalidSpecException(
                    "spec: local and remote are \"any\" and there is no parent, as of the kernel's"
                            + " own fallback device; write one of them");
        }
    }

    private Mark mark(IpTunnel tunnel) {
        return new Mark(
                manager,
                tunnel.getMetadata().getUid(),
                DeletionPolicy.ofText(tunnel.getSpec().deletionPolicy()),
                tunnel.getMetadata().getName());
    }

    /** A manifest that never was at an API server has no time: as if it were made now, it yields to all others. */
    static Instant created(IpTunnel tunnel) {
        String timestamp = tunnel.getMetadata().getCreationTimestamp();
        try {
            return timestamp == null ? Instant.MAX : Instant.parse(timestamp);
        } catch (DateTimeParseException e) {
            throw new InvalidSpecException("metadata.creationTimestamp: " + e.getMessage());
        }
    }

    private LocalAddress local(TunnelMode mode, IpTunnelSpec spec) {
        LocalSource source = spec.localFrom();
        if ((source == null) == (spec.local() == null)) {
            throw new InvalidSpecException("spec: write either local or localFrom");
        }
        return source == null
                ? field("spec.local", () -> new LocalAddress.Fixed(endpoint(mode, spec.local())))
                : localFrom(mode.outer(), source, spec.parent());
    }

    private LocalAddress localFrom(IpFamily outer, LocalSource source, @Nullable String parent) {
        return switch (source.type()) {
            case "Parent" -> {
                if (parent == null) {
                    throw new InvalidSpecException(
                            "spec.localFrom: type Parent takes the parent's address; write spec.parent");
                }
                yield new LocalAddress.OfInterface(parent);
            }
            case "Interface" ->
                new LocalAddress.OfInterface(interfaceName(
                        "spec.localFrom.interfaceName", Objects.requireNonNullElse(source.interfaceName(), "")));
            case "NodeAddress" ->
                new LocalAddress.OfNode(nodeAddresses.stream()
                        .filter(address -> IpFamily.of(address) == outer)
                        .findFirst());
            default ->
                throw new InvalidSpecException(
                        "spec.localFrom.type: \"" + source.type() + "\" is none of Parent, Interface, NodeAddress");
        };
    }

    private static String interfaceName(String field, String name) {
        if (!INTERFACE_NAME.matcher(name).matches() || RESERVED_NAMES.contains(name)) {
            throw new InvalidSpecException(
                    field + ": \"" + name + "\" cannot be an interface's name here; write 1 to "
                            + MAX_INTERFACE_NAME
                            + " printable characters without \"/\", \":\", \"%\" and spaces, not one of the kernel's own names");
        }
        return name;
    }

    private static OptionalInt mtu(TunnelMode mode, @Nullable Integer mtu) {
        if (mtu == null) {
            return OptionalInt.empty();
        }
        if (mtu < TunnelMtu.smallest(mode) || mtu > TunnelMtu.largest(mode)) {
            throw new InvalidSpecException("spec.mtu: " + mtu + " is not possible in mode " + mode + "; write "
                    + TunnelMtu.smallest(mode) + " to " + TunnelMtu.largest(mode) + ", or leave it out");
        }
        return OptionalInt.of(mtu);
    }

    private static InetAddress endpoint(TunnelMode mode, @Nullable String text) {
        return ANY.equals(text) ? mode.outer().any() : mode.outer().parse(Objects.requireNonNullElse(text, ""));
    }

    private static ReversePathFilter reversePathFilter(String text) {
        return ReversePathFilter.ofText(text)
                .orElseThrow(() -> new InvalidSpecException(
                        "spec.reversePathFilter: \"" + text + "\" is none of Disabled, Loose, Strict"));
    }

    private static AdoptionPolicy adoptionPolicy(String text) {
        return switch (text) {
            case "Never" -> AdoptionPolicy.NEVER;
            case "IfIdentical" -> AdoptionPolicy.IF_IDENTICAL;
            default ->
                throw new InvalidSpecException(
                        "spec.adoptionPolicy: \"" + text + "\" is neither Never nor IfIdentical");
        };
    }

    private static boolean up(String adminState) {
        return switch (adminState) {
            case "Up" -> true;
            case "Down" -> false;
            default -> throw new InvalidSpecException("spec.adminState: \"" + adminState + "\" is neither Up nor Down");
        };
    }

    /** Has the reader's complaint begin with the field. */
    static <T> T field(String field, Supplier<T> reader) {
        try {
            return reader.get();
        } catch (IllegalArgumentException e) {
            throw new InvalidSpecException(field + ": " + e.getMessage());
        }
    }
}
