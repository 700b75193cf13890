package dev.iptunnel.agent;

import dev.iptunnel.api.v1alpha1.IpTunnelSpec;
import dev.iptunnel.tunnel.IpFamily;
import dev.iptunnel.tunnel.OuterHeader;
import io.fabric8.kubernetes.api.model.IntOrString;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/** Reads the fields of a spec that are about the outer header. */
final class OuterHeaderReader {
    private static final String INHERIT = "inherit";

    private OuterHeaderReader() {}

    static OuterHeader read(IpFamily outer, IpTunnelSpec spec) {
        boolean pathMtuDiscovery = spec.pathMtuDiscovery() == null || spec.pathMtuDiscovery();
        OptionalInt ttl = number("spec.ttl", spec.ttl(), 1, 255, INHERIT);
        if (!pathMtuDiscovery && ttl.isPresent()) {
            throw new InvalidSpecException(
                    "spec.pathMtuDiscovery: the kernel forces it on where the TTL is fixed; write"
                            + " true, or ttl: inherit");
        }
        requireFamily(outer, IpFamily.IPV4, "spec.pathMtuDiscovery", spec.pathMtuDiscovery());
        requireFamily(outer, IpFamily.IPV6, "spec.encapsulationLimit", spec.encapsulationLimit());
        requireFamily(outer, IpFamily.IPV6, "spec.flowLabel", spec.flowLabel());
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

    private static void requireFamily(IpFamily outer, IpFamily family, String field, @Nullable Object value) {
        if (value != null && outer != family) {
            throw new InvalidSpecException(field + ": outer " + outer + " packets have none; leave it out");
        }
    }

    /** Empty for the word. */
    private static OptionalInt number(String field, IntOrString value, int least, int most, String word) {
        Integer number = value.getIntVal();
        if (number != null && number >= least && number <= most) {
            return OptionalInt.of(number);
        }
        if (word.equals(value.getStrVal())) {
            return OptionalInt.empty();
        }
        throw new InvalidSpecException(field + ": write " + least + " to " + most + ", or \"" + word + "\"");
    }
}
