package dev.iptunnel.diagnosis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.iptunnel.observation.ObservedLink;
import dev.iptunnel.tunnel.TunnelDriver;
import java.util.List;
import java.util.OptionalInt;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PacketTakersTest {
    private static final int ARRIVAL = 2;

    @ParameterizedTest
    @CsvSource({
        // driver, local, remote and parent of the tunnel, then of the other one, and whether that gets the packets
        "IPIP, 192.0.2.1, 192.0.2.2, 0, 192.0.2.1, 192.0.2.2, 2, true",
        "IPIP, 192.0.2.1, 192.0.2.2, 2, 192.0.2.1, 192.0.2.2, 0, false",
        "IPIP, 192.0.2.1, 192.0.2.2, 2, 192.0.2.1, 192.0.2.2, 3, false",
        "IPIP, 192.0.2.1, 192.0.2.2, 0, 192.0.2.1, 0.0.0.0, 2, true",
        "IPIP, 192.0.2.1, 192.0.2.2, 0, 192.0.2.1, 0.0.0.0, 0, false",
        "IPIP, 0.0.0.0, 192.0.2.2, 0, 192.0.2.1, 192.0.2.2, 0, true",
        "IPIP, 192.0.2.1, 192.0.2.2, 0, 192.0.2.1, 192.0.2.3, 2, false",
        "SIT, 192.0.2.1, 192.0.2.2, 0, 192.0.2.1, 0.0.0.0, 2, false",
        "SIT, 192.0.2.1, 192.0.2.2, 0, 192.0.2.1, 192.0.2.2, 2, true",
        "SIT, 192.0.2.1, 192.0.2.2, 2, 192.0.2.1, 192.0.2.2, 3, false",
        "IP6TNL, ::, 2001:db8::2, 0, 2001:db8::1, 2001:db8::2, 0, true",
    })
    void the_driver_prefers_the_interface_of_arrival_or_the_addresses(
            TunnelDriver driver,
            String local,
            String remote,
            int parent,
            String otherLocal,
            String otherRemote,
            int otherParent,
            boolean taken) {
        ObservedLink other = FactsOfATunnel.link(
                8, "other", FactsOfATunnel.parameters(driver, otherLocal, otherRemote, otherParent));

        List<ObservedLink> takers = new PacketTakers(
                        FactsOfATunnel.parameters(driver, local, remote, parent),
                        driver.outer().parse(otherLocal),
                        OptionalInt.of(ARRIVAL))
                .among(List.of(other));

        assertThat(!takers.isEmpty()).isEqualTo(taken);
    }
}
