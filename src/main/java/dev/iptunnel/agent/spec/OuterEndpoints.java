package dev.iptunnel.agent.spec;

import dev.iptunnel.api.v1alpha1.IpTunnelSpec;
import dev.iptunnel.tunnel.IpFamily;
import dev.iptunnel.tunnel.TunnelMode;
import java.net.InetAddress;
import java.util.Arrays;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Reads the outer addresses that a spec contains. */
final class OuterEndpoints {
    static final String ANY = "any";
    private static final byte[] BROADCAST = {-1, -1, -1, -1};

    private OuterEndpoints() {}

    /** Refuses combinations of local and remote; each field alone may be valid. */
    static void check(TunnelMode mode, IpTunnelSpec spec) {
        InetAddress remote = read(mode, "spec.remote", spec.remote());
        InetAddress local = spec.local() == null ? mode.outer().any() : read(mode, "spec.local", spec.local());
        if (spec.localFrom() == null
                && local.isAnyLocalAddress()
                && remote.isAnyLocalAddress()
                && spec.parent() == null) {
            throw new InvalidSpecException(
                    "spec: local and remote are \"any\" and there is no parent, which is what the"
                            + " kernel's own fallback device has: write an address for local or remote, or a parent");
        }
        if (local.equals(remote) && !local.isAnyLocalAddress()) {
            throw new InvalidSpecException(
                    "spec.remote: remote is the same address as local; write the address of the tunnel's other end");
        }
        boolean needsLink =
                mode.outer() == IpFamily.IPV6 && Stream.of(local, remote).anyMatch(InetAddress::isLinkLocalAddress);
        if (needsLink && spec.parent() == null) {
            throw new InvalidSpecException("spec.parent: a link-local address is valid on one link only: write"
                    + " the interface of that link");
        }
    }

    /** The unspecified address for {@code any}. */
    static InetAddress read(TunnelMode mode, String field, @Nullable String text) {
        String literal = Objects.requireNonNullElse(text, "");
        if (literal.equals(ANY)) {
            return mode.outer().any();
        }
        if (literal.contains("%")) {
            throw refused(
                    field, literal, "an address with a zone: write the address alone, and the interface as parent");
        }
        InetAddress address = parse(mode, field, literal);
        if (address.isAnyLocalAddress()) {
            throw refused(field, literal, "the unspecified address: write \"any\" if that is meant");
        }
        if (address.isMulticastAddress() || Arrays.equals(address.getAddress(), BROADCAST)) {
            throw refused(field, literal, "a multicast or broadcast address: write the address of one host");
        }
        if (address.isLoopbackAddress() && mode.outer() == IpFamily.IPV6) {
            throw refused(
                    field,
                    literal,
                    "the IPv6 loopback address, which the kernel does not accept for a tunnel: write another address");
        }
        return address;
    }

    private static InetAddress parse(TunnelMode mode, String field, String literal) {
        try {
            return mode.outer().parse(literal);
        } catch (IllegalArgumentException e) {
            throw new InvalidSpecException(field + ": " + e.getMessage() + "; mode " + mode + " carries " + mode.inner()
                    + " in " + mode.outer() + ", so local and remote have to be " + mode.outer()
                    + " addresses or \"any\"");
        }
    }

    private static InvalidSpecException refused(String field, String literal, String why) {
        return new InvalidSpecException(field + ": \"" + literal + "\" is " + why);
    }
}
