package dev.iptunnel.diagnosis;

import dev.iptunnel.observation.Observation.Device;
import dev.iptunnel.observation.Observation.OuterPath;
import dev.iptunnel.observation.ObservedLink;
import dev.iptunnel.observation.ObservedRoute;
import dev.iptunnel.observation.RouteDetails;
import dev.iptunnel.tunnel.InnerRoute;
import dev.iptunnel.tunnel.IpFamily;
import dev.iptunnel.tunnel.IpPrefix;
import dev.iptunnel.tunnel.TunnelDriver;
import dev.iptunnel.tunnel.TunnelParameters;
import java.net.InetAddress;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/** The facts of an ipip tunnel on {@code eth0} to which nothing happened yet. */
final class FactsOfATunnel {
    private static final InetAddress LOCAL = IpFamily.IPV4.parse("192.0.2.1");
    static final TunnelParameters IPIP = parameters(TunnelDriver.IPIP, "192.0.2.1", "192.0.2.2", 2);

    boolean up = true;
    boolean loaded = true;
    boolean parentUp = true;
    boolean localPresent = true;
    boolean routed = true;
    int outerMtu = 1500;
    Optional<String> mainRoute = Optional.empty();
    List<ObservedLink> others = List.of();

    static TunnelParameters parameters(TunnelDriver driver, String local, String remote, int parent) {
        return new TunnelParameters(
                driver,
                driver == TunnelDriver.IPIP ? 4 : 41,
                driver.outer().parse(local),
                driver.outer().parse(remote),
                parent,
                64,
                OptionalInt.of(0),
                true,
                OptionalInt.empty(),
                OptionalInt.of(0));
    }

    static ObservedLink link(int index, String name, TunnelParameters tunnel) {
        return ObservedLink.builder(index, name)
                .operState("UNKNOWN")
                .mtu(1480)
                .tunnel(Optional.of(tunnel))
                .build();
    }

    TunnelFacts build() {
        ObservedLink link = link(7, "tun", IPIP).toBuilder()
                .up(up)
                .routes(List.of(new ObservedRoute(
                        new InnerRoute(
                                IpPrefix.parse(IpFamily.IPV4, "10.66.0.0/16"),
                                Optional.empty(),
                                InnerRoute.MAIN_TABLE,
                                0),
                        173,
                        true,
                        RouteDetails.PLAIN)))
                .build();
        return new TunnelFacts(
                "tun",
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.of(up ? link : link.goneDown()),
                List.of(),
                Optional.of(IPIP),
                Optional.of(new DriverFacts("ipip", loaded, Optional.empty(), true, Optional.empty(), List.of())),
                Optional.of(new ParentFacts(
                        true,
                        "eth0",
                        Optional.of(ObservedLink.builder(2, "eth0").up(parentUp).build()),
                        false,
                        false)),
                new LocalFacts(localPresent, Optional.of("eth0"), false, false, Optional.of(LOCAL)),
                new WayFacts(
                        true,
                        new OuterPath(
                                routed ? Optional.of(new Device(2, "eth0", outerMtu)) : Optional.empty(), localPresent),
                        "none",
                        false,
                        "dev eth0",
                        254,
                        Optional.of("eth0"),
                        mainRoute,
                        mainRoute.map(_ -> "100: lookup 1000").stream().toList(),
                        OptionalInt.empty(),
                        false),
                others,
                List.of(),
                new NodeSettings(Optional.of(true), List.of(), false, List.of(), List.of()));
    }
}
