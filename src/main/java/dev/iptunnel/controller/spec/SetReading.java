package dev.iptunnel.controller.spec;

import dev.iptunnel.set.TunnelSet;
import java.util.List;

/** What was read of an IpTunnelSet. */
public sealed interface SetReading {
    /** It can be followed. */
    record Valid(TunnelSet set) implements SetReading {}

    /** It cannot be followed; there is at least one finding. */
    record Invalid(List<SetFinding> findings) implements SetReading {
        public Invalid {
            findings = List.copyOf(findings);
        }
    }
}
