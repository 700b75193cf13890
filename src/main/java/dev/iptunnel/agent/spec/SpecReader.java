package dev.iptunnel.agent.spec;

import dev.iptunnel.api.v1alpha1.IpTunnel;
import dev.iptunnel.api.v1alpha1.IpTunnelSpec;
import dev.iptunnel.tunnel.AdoptionPolicy;
import dev.iptunnel.tunnel.DeletionPolicy;
import dev.iptunnel.tunnel.DesiredTunnel;
import dev.iptunnel.tunnel.FallbackPolicy;
import dev.iptunnel.tunnel.InnerAddress;
import dev.iptunnel.tunnel.InnerRoute;
import dev.iptunnel.tunnel.IpFamily;
import dev.iptunnel.tunnel.Mark;
import dev.iptunnel.tunnel.ProbeSettings;
import dev.iptunnel.tunnel.ReversePathFilter;
import dev.iptunnel.tunnel.TunnelMode;
import dev.iptunnel.tunnel.TunnelMtu;
import java.net.InetAddress;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Reads an IpTunnel into a desired tunnel. The API server has checked the spec, but an older CRD may have accepted what
 * this one would not, and nothing unchecked may reach the kernel. So everything is checked again.
 */
public final class SpecReader {
    private final String manager;
    private final LocalSourceReader localSources;

    /** @param nodeAddresses the node's own addresses in order of preference */
    public SpecReader(String manager, List<InetAddress> nodeAddresses) {
        this.manager = manager;
        this.localSources = new LocalSourceReader(nodeAddresses);
    }

    /**
     * The desired tunnel of the object.
     *
     * @throws InvalidSpecException with a message that names the field and says what to write instead
     */
    public DesiredTunnel read(IpTunnel tunnel) {
        IpTunnelSpec spec = tunnel.getSpec();
        TunnelMode mode = TunnelMode.ofText(spec.mode())
                .orElseThrow(() -> new InvalidSpecException(
                        "spec.mode: \"" + spec.mode() + "\" is none of ipip, sit, ip6ip6, ipip6"));
        Mark mark = mark(tunnel);
        String interfaceName = InterfaceNameReader.readOfTunnel(tunnel.interfaceName());
        OuterEndpoints.check(mode, spec);
        List<InnerAddress> addresses = InnerNetworkReader.addresses(mode, spec.addresses());
        List<InnerRoute> routes = InnerNetworkReader.routes(mode, spec.routes(), addresses);
        Optional<ProbeSettings> probe = ProbeReader.read(mode, spec.probe(), addresses);
        return new DesiredTunnel(
                mark,
                created(tunnel),
                interfaceName,
                mode,
                localSources.read(mode, spec, interfaceName),
                OuterEndpoints.read(mode, "spec.remote", spec.remote()),
                Optional.ofNullable(spec.parent()).map(parent -> parent(parent, interfaceName)),
                Optional.ofNullable(spec.vrf()).map(vrf -> vrf(vrf, interfaceName)),
                OuterHeaderReader.read(mode, spec),
                mtu(mode, spec.mtu()),
                addresses,
                routes,
                WithdrawalReader.read(spec.routes(), routes, probe, addresses),
                Optional.ofNullable(spec.reversePathFilter()).map(text -> reversePathFilter(mode, text)),
                adoptionPolicy(spec.adoptionPolicy()),
                spec.allowIsolation(),
                fallbackPolicy(spec.fallbackPolicy()),
                up(spec.adminState()),
                spec.paused(),
                probe);
    }

    private Mark mark(IpTunnel tunnel) {
        field(
                "spec.deletionPolicy",
                () -> DeletionPolicy.ofText(tunnel.getSpec().deletionPolicy()));
        DeletionPolicy deletionPolicy = deletionPolicyOf(tunnel);
        return field(
                "metadata",
                () -> new Mark(
                        manager,
                        tunnel.getMetadata().getUid(),
                        deletionPolicy,
                        tunnel.getMetadata().getName()));
    }

    /**
     * What happens to the tunnel when the object is deleted. It is retained if the object is paused, and if this
     * version does not know the policy.
     */
    public static DeletionPolicy deletionPolicyOf(IpTunnel tunnel) {
        boolean deletes =
                DeletionPolicy.DELETE.toString().equals(tunnel.getSpec().deletionPolicy());
        return deletes && !tunnel.getSpec().paused() ? DeletionPolicy.DELETE : DeletionPolicy.RETAIN;
    }

    /** A manifest that was never sent to an API server has no time: it is younger than all others. */
    public static Instant created(IpTunnel tunnel) {
        String timestamp = tunnel.getMetadata().getCreationTimestamp();
        try {
            return timestamp == null ? Instant.MAX : Instant.parse(timestamp);
        } catch (DateTimeParseException e) {
            throw new InvalidSpecException("metadata.creationTimestamp: " + e.getMessage());
        }
    }

    private static String parent(String name, String interfaceName) {
        if (name.equals(interfaceName)) {
            throw new InvalidSpecException("spec.parent: the tunnel cannot be its own parent: write the interface that"
                    + " carries the outer packets, or leave parent out");
        }
        return InterfaceNameReader.readOfAny("spec.parent", name);
    }

    private static String vrf(String name, String interfaceName) {
        if (name.equals(interfaceName)) {
            throw new InvalidSpecException(
                    "spec.vrf: the tunnel is no VRF: write the name of a VRF on the node, or leave vrf out");
        }
        return InterfaceNameReader.readOfAny("spec.vrf", name);
    }

    private static OptionalInt mtu(TunnelMode mode, @Nullable Integer mtu) {
        if (mtu == null) {
            return OptionalInt.empty();
        }
        if (mtu < TunnelMtu.smallest(mode) || mtu > TunnelMtu.largest(mode)) {
            throw new InvalidSpecException("spec.mtu: mode " + mode + " takes an MTU of " + TunnelMtu.smallest(mode)
                    + " to " + TunnelMtu.largest(mode)
                    + ": write one of these, or leave mtu out to have it derived from the parent");
        }
        return OptionalInt.of(mtu);
    }

    private static ReversePathFilter reversePathFilter(TunnelMode mode, String text) {
        if (mode.inner() == IpFamily.IPV6) {
            throw new InvalidSpecException("spec.reversePathFilter: mode " + mode
                    + " carries IPv6, for which the kernel has no such filter: leave reversePathFilter out");
        }
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

    private static FallbackPolicy fallbackPolicy(@Nullable String text) {
        return switch (text) {
            case null -> FallbackPolicy.REFUSE;
            case "Refuse" -> FallbackPolicy.REFUSE;
            case "Yield" -> FallbackPolicy.YIELD;
            case "TakeOver" -> FallbackPolicy.TAKE_OVER;
            default ->
                throw new InvalidSpecException(
                        "spec.fallbackPolicy: \"" + text + "\" is none of Refuse, Yield, TakeOver");
        };
    }

    private static boolean up(String adminState) {
        return switch (adminState) {
            case "Up" -> true;
            case "Down" -> false;
            default -> throw new InvalidSpecException("spec.adminState: \"" + adminState + "\" is neither Up nor Down");
        };
    }

    /** Puts the field before the message of an invalid value. */
    private static <T> T field(String field, Supplier<T> reader) {
        try {
            return reader.get();
        } catch (IllegalArgumentException e) {
            throw new InvalidSpecException(field + ": " + e.getMessage());
        }
    }
}
