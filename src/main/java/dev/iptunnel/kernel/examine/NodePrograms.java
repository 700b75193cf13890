package dev.iptunnel.kernel.examine;

import dev.iptunnel.diagnosis.NodeSettings;
import dev.iptunnel.kernel.NetworkConfigurators;
import dev.iptunnel.netlink.Rtnetlink;
import dev.iptunnel.netlink.message.AddressFamily;
import dev.iptunnel.netlink.route.RouteFilter;
import dev.iptunnel.tunnel.IpFamily;
import dev.iptunnel.tunnel.TunnelMode;
import dev.iptunnel.tunnel.TunnelParameters;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.Stream;

/** Reads settings of the whole node, and what other programs leave in the kernel. */
record NodePrograms(Rtnetlink rtnetlink, ProcFiles files) {
    /** Protocol numbers of routes (rtm_protocol), and who uses them. */
    private static final Map<Integer, String> PROGRAMS = new LinkedHashMap<>();

    static {
        PROGRAMS.put(18, "keepalived");
        PROGRAMS.put(12, "BIRD");
        PROGRAMS.put(11, "zebra");
        PROGRAMS.put(186, "FRR (BGP)");
        PROGRAMS.put(188, "FRR (OSPF)");
        PROGRAMS.put(80, "Calico");
    }

    private static final int KEEPALIVED = 18;

    NodeSettings read(Optional<TunnelParameters> tunnel, String name) {
        return new NodeSettings(
                tunnel.flatMap(parameters -> forwards(parameters, name)),
                Stream.of("all", "default")
                        .filter(which -> files.setting("ipv6/conf/" + which + "/disable_ipv6")
                                .equals(Optional.of(1)))
                        .toList(),
                NetworkConfigurators.ofThisNode().seemToRun(),
                programs(),
                Stream.of("nf_tables", "ip_tables", "ip6_tables")
                        .filter(files::hasModule)
                        .toList());
    }

    /** IPv4 has the setting of each interface, IPv6 only that of all (ip-sysctl of the kernel's documentation). */
    private Optional<Boolean> forwards(TunnelParameters tunnel, String name) {
        boolean ipv6 = TunnelMode.of(tunnel.driver(), tunnel.protocol())
                .filter(mode -> mode.inner() == IpFamily.IPV6)
                .isPresent();
        return files.setting(ipv6 ? "ipv6/conf/all/forwarding" : "ipv4/conf/" + name + "/forwarding")
                .map(value -> value != 0);
    }

    private List<String> programs() {
        Stream<String> routes = PROGRAMS.entrySet().stream()
                .filter(program -> Arrays.stream(AddressFamily.values()).anyMatch(family -> !rtnetlink
                        .routes(RouteFilter.of(family).withProtocol(program.getKey()))
                        .isEmpty()))
                .map(program -> "there are routes of " + program.getValue());
        Stream<String> addresses = rtnetlink.addresses().stream()
                .filter(address -> address.protocol().equals(OptionalInt.of(KEEPALIVED)))
                .map(address -> "keepalived added " + IpFamily.format(address.address()))
                .limit(2);
        return Stream.concat(routes, addresses).toList();
    }
}
