package dev.iptunnel.agent.spec;

import dev.iptunnel.api.v1alpha1.IpTunnelSpec;
import dev.iptunnel.tunnel.IpFamily;
import dev.iptunnel.tunnel.OuterHeader;
import dev.iptunnel.tunnel.TunnelMode;
import io.fabric8.kubernetes.api.model.IntOrString;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/** Reads the fields of a spec that are about the outer header. */
final class OuterHeaderReader {
    private static final String INHERIT = "inherit";

    private OuterHeaderReader() {}

    static OuterHeader read(TunnelMode mode, IpTunnelSpec spec) {
        requireFamily(
                mode, IpFamily.IPV4, "pathMtuDiscovery", spec.pathMtuDiscovery(), "where routers do not fragment");
        requireFamily(
                mode,
                IpFamily.IPV6,
                "encapsulationLimit",
                spec.encapsulationLimit(),
                "which has no encapsulation limit");
        requireFamily(mode, IpFamily.IPV6, "flowLabel", spec.flowLabel(), "which has no flow label");
        boolean pathMtuDiscovery = spec.pathMtuDiscovery() == null || spec.pathMtuDiscovery();
        OptionalInt ttl = number("spec.ttl", spec.ttl(), 1, 255, INHERIT);
        if (!pathMtuDiscovery && ttl.isPresent()) {
            throw new InvalidSpecException(
                    "spec.pathMtuDiscovery: the kernel can work without path MTU discovery"
                            + " only if the TTL is copied from the inner packet: write ttl \"inherit\", or leave pathMtuDiscovery out");
        }
        return new OuterHeader(
                ttl.orElse(0),
                number("spec.dscp", spec.dscp(), 0, 63, INHERIT),
                pathMtuDiscovery,
                spec.encapsulationLimit() == null
                        ? OptionalInt.empty()
                        : number("spec.encapsulationLimit", spec.encapsulationLimit(), 0, 255, "none"),
                spec.flowLabel() == null
                        ? OptionalInt.of(0)
                        : number("spec.flowLabel", spec.flowLabel(), 0, 0xfffff, INHERIT));
    }

    private static void requireFamily(
            TunnelMode mode, IpFamily family, String field, @Nullable Object value, String why) {
        if (value != null && mode.outer() != family) {
            throw new InvalidSpecException("spec." + field + ": mode " + mode + " carries in " + mode.outer() + ", "
                    + why + ": leave " + field + " out");
        }
    }

    /** The number; empty if the field has the word instead. */
    private static OptionalInt number(String field, IntOrString value, int least, int most, String word) {
        Integer number = value.getIntVal();
        if (number != null && number >= least && number <= most) {
            return OptionalInt.of(number);
        }
        if (word.equals(value.getStrVal())) {
            return OptionalInt.empty();
        }
        throw new InvalidSpecException(
                field + ": write a number from " + least + " to " + most + ", without quotes, or \"" + word + "\"");
    }
}
