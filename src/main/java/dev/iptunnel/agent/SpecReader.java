package dev.iptunnel.agent;

import dev.iptunnel.api.v1alpha1.IpTunnel;
import dev.iptunnel.api.v1alpha1.IpTunnelSpec;
import dev.iptunnel.api.v1alpha1.TunnelAddress;
import dev.iptunnel.tunnel.DeletionPolicy;
import dev.iptunnel.tunnel.DesiredTunnel;
import dev.iptunnel.tunnel.IpPrefix;
import dev.iptunnel.tunnel.Mark;
import dev.iptunnel.tunnel.TunnelMode;
import dev.iptunnel.tunnel.TunnelMtu;
import io.fabric8.kubernetes.api.model.IntOrString;
import java.net.InetAddress;
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

    SpecReader(String manager) {
        this.manager = manager;
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
        String local = Objects.requireNonNullElse(spec.local(), "");
        if (local.equals(ANY) && spec.remote().equals(ANY) && spec.parent() == null) {
            throw new InvalidSpecException(
                    "spec: local and remote are \"any\" and there is no parent, as of the kernel's"
                            + " own fallback device; write one of them");
        }
        return new DesiredTunnel(
                field("metadata.name", () -> mark(tunnel)),
                interfaceName("spec.interfaceName", interfaceNameOf(tunnel)),
                mode,
                field("spec.local", () -> endpoint(mode, local)),
                field("spec.remote", () -> endpoint(mode, spec.remote())),
                Optional.ofNullable(spec.parent()).map(parent -> interfaceName("spec.parent", parent)),
                ttl(spec.ttl()),
                mtu(mode, spec.mtu()),
                field("spec.addresses", () -> addresses(mode, spec.addresses())),
                up(spec.adminState()));
    }

    /** The name of the interface that the object is about, be it valid or not. */
    static String interfaceNameOf(IpTunnel tunnel) {
        return Optional.ofNullable(tunnel.getSpec().interfaceName())
                .orElseGet(() -> tunnel.getMetadata().getName());
    }

    private Mark mark(IpTunnel tunnel) {
        return new Mark(
                manager,
                tunnel.getMetadata().getUid(),
                DeletionPolicy.DELETE,
                tunnel.getMetadata().getName());
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

    private static InetAddress endpoint(TunnelMode mode, String text) {
        return text.equals(ANY) ? mode.outer().any() : mode.outer().parse(text);
    }

    private static int ttl(IntOrString ttl) {
        Integer number = ttl.getIntVal();
        if (number != null && number >= 1 && number <= 255) {
            return number;
        }
        if ("inherit".equals(ttl.getStrVal())) {
            return 0;
        }
        throw new InvalidSpecException("spec.ttl: write 1 to 255, or \"inherit\"");
    }

    private static List<IpPrefix> addresses(TunnelMode mode, List<TunnelAddress> addresses) {
        return addresses.stream()
                .map(address -> IpPrefix.parse(mode.inner(), address.address()))
                .distinct()
                .toList();
    }

    private static boolean up(String adminState) {
        return switch (adminState) {
            case "Up" -> true;
            case "Down" -> false;
            default -> throw new InvalidSpecException("spec.adminState: \"" + adminState + "\" is neither Up nor Down");
        };
    }

    private static <T> T field(String field, Supplier<T> reader) {
        try {
            return reader.get();
        } catch (IllegalArgumentException e) {
            throw new InvalidSpecException(field + ": " + e.getMessage());
        }
    }
}
