package dev.iptunnel.libc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.iptunnel.netlink.Address;
import dev.iptunnel.netlink.AddressFamily;
import dev.iptunnel.netlink.LinkChange;
import dev.iptunnel.netlink.Route;
import dev.iptunnel.netlink.RouteFilter;
import dev.iptunnel.netlink.Rtnetlink;
import java.io.IOException;
import java.net.Inet4Address;
import java.util.List;
import java.util.OptionalInt;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Addresses that somebody else made, by iproute2: as root, on a kernel of 5.18 or later. */
@Tag("kernel")
class AddressesKernelTest {
    private static final String NAME = "kt-addresses";
    private static final int OURS = 84;

    private final Rtnetlink rtnetlink = new Rtnetlink(NetlinkSocket.open());
    private int index;

    @BeforeEach
    void makeTunnel() {
        removeTunnel();
        try (TunnelIoctl tunnels = new TunnelIoctl()) {
            tunnels.add(
                    "tunl0",
                    new IpTunnelParm(
                            NAME,
                            0,
                            0,
                            0,
                            0,
                            4,
                            Inet4Address.ofLiteral("192.0.2.1"),
                            Inet4Address.ofLiteral("192.0.2.2")));
        }
        index = rtnetlink.link(NAME).orElseThrow().index();
        rtnetlink.setLink(index, LinkChange.NONE.withUp(true));
    }

    @AfterEach
    void removeTunnelAndClose() {
        removeTunnel();
        rtnetlink.close();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "198.51.100.1/24",
                "198.51.100.1/24 metric 55",
                "198.51.100.1/24 broadcast 198.51.100.255 label kt-addresses:x",
                "198.51.100.1 peer 198.51.100.2/32",
                "198.51.100.1/24 noprefixroute scope link",
                "2001:db8:1::1/64",
                "2001:db8:1::1/64 metric 55",
                "2001:db8:1::1/64 nodad",
                "2001:db8:1::1/64 noprefixroute home",
                "2001:db8:1::1 peer 2001:db8:1::2/128"
            })
    void the_protocol_of_an_address_changes_and_nothing_else_of_it(String address) throws Exception {
        command("address add " + address + " dev " + NAME);
        Address before = address();
        List<Route> routes = routes();
        List<String> told = command("-d address show dev " + NAME);

        rtnetlink.replaceAddressProtocol(before, OURS);

        Address after = address();
        assertThat(before.protocol()).isNotEqualTo(OptionalInt.of(OURS));
        assertThat(after.protocol()).isEqualTo(expectedProtocol(before));
        assertThat(after).usingRecursiveComparison().ignoringFields("protocol").isEqualTo(before);
        assertThat(routes()).isEqualTo(routes);
        assertThat(command("-d address show dev " + NAME).stream()
                        .map(line -> line.replace("proto 0x54 ", ""))
                        .toList())
                .isEqualTo(told);
    }

    @Test
    void a_secondary_address_stays_secondary() throws Exception {
        command("address add 198.51.100.7/24 dev " + NAME);
        command("address add 198.51.100.8/24 dev " + NAME);
        Address before = rtnetlink.addresses(index).stream()
                .filter(Address::secondary)
                .findFirst()
                .orElseThrow();

        rtnetlink.replaceAddressProtocol(before, OURS);

        assertThat(rtnetlink.addresses(index))
                .filteredOn(Address::secondary)
                .singleElement()
                .satisfies(after -> assertThat(after.address()).isEqualTo(before.address()))
                .satisfies(after -> assertThat(after.protocol()).isEqualTo(expectedProtocol(before)));
    }

    /** Linux learned it for IPv6 in 5.18 and for IPv4 in 6.4; before that it says yes and keeps the old one. */
    private static OptionalInt expectedProtocol(Address before) {
        boolean changes = AddressFamily.of(before.address()) == AddressFamily.IPV6
                || Runtime.Version.parse(kernelVersion()).compareTo(Runtime.Version.parse("6.4")) >= 0;
        return changes ? OptionalInt.of(OURS) : before.protocol();
    }

    private static String kernelVersion() {
        return System.getProperty("os.version").replaceFirst("^(\\d+\\.\\d+).*", "$1");
    }

    private Address address() {
        return rtnetlink.addresses(index).stream()
                .filter(address -> !address.address().isLinkLocalAddress())
                .findFirst()
                .orElseThrow();
    }

    private List<Route> routes() {
        return Stream.of(AddressFamily.values())
                .flatMap(family -> rtnetlink.routes(RouteFilter.of(family).withOif(index)).stream())
                .toList();
    }

    private void removeTunnel() {
        rtnetlink.link(NAME).ifPresent(link -> rtnetlink.deleteLink(link.index()));
    }

    private static List<String> command(String words) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(("ip " + words).split(" "))
                .redirectErrorStream(true)
                .start();
        List<String> lines = process.inputReader().lines().toList();
        assertThat(process.waitFor()).as(words + ": " + lines).isZero();
        return lines;
    }
}
