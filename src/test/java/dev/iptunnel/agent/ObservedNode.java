package dev.iptunnel.agent;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import dev.iptunnel.tunnel.DesiredTunnel;
import dev.iptunnel.tunnel.IpFamily;
import dev.iptunnel.tunnel.IpPrefix;
import dev.iptunnel.tunnel.Mark;
import dev.iptunnel.tunnel.Observation;
import dev.iptunnel.tunnel.Observation.Device;
import dev.iptunnel.tunnel.Observation.OuterPath;
import dev.iptunnel.tunnel.ObservedLink;
import dev.iptunnel.tunnel.ObservedLink.ObservedAddress;
import dev.iptunnel.tunnel.TunnelMode;
import dev.iptunnel.tunnel.TunnelParameters;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The {@code observed.yaml} of a scenario: what a node's kernel holds.
 *
 * @param routeBy the interface that outer packets leave by; absent = no route
 */
record ObservedNode(List<Interface> links, @Nullable String routeBy) {
    private static final ObjectMapper YAML = new ObjectMapper(new YAMLFactory());

    ObservedNode(@Nullable List<Interface> links, @Nullable String routeBy) {
        this.links = Objects.requireNonNullElse(links, List.of());
        this.routeBy = routeBy;
    }

    static ObservedNode read(Path file) {
        try {
            return YAML.readValue(file.toFile(), ObservedNode.class);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** As the kernel layer assembles it. */
    Observation about(DesiredTunnel desired) {
        List<ObservedLink> strays = all().filter(link -> isOurs(link, desired.mark()))
                .filter(link -> !link.name().equals(desired.interfaceName()))
                .toList();
        Optional<ObservedLink> named = named(desired.interfaceName());
        Optional<Device> device = desired.remote().isAnyLocalAddress()
                ? Optional.empty()
                : named(routeBy).map(link -> new Device(link.index(), link.name(), link.mtu()));
        return new Observation(
                named,
                named.filter(link -> isOurs(link, desired.mark())).isPresent() ? List.of() : strays,
                desired.parent().flatMap(this::named),
                new OuterPath(device, true));
    }

    private Stream<ObservedLink> all() {
        return links.stream().map(Interface::link);
    }

    private Optional<ObservedLink> named(@Nullable String name) {
        return all().filter(link -> link.name().equals(name)).findFirst();
    }

    private static boolean isOurs(ObservedLink link, Mark desired) {
        return link.mark()
                .filter(mark -> mark.isOf(desired.manager()) && mark.name().equals(desired.name()))
                .isPresent();
    }

    /**
     * @param addresses with our protocol number
     * @param foreignAddresses with another, or none
     */
    record Interface(
            int index,
            String name,
            @Nullable String alias,
            boolean up,
            int mtu,
            @Nullable Tunnel tunnel,
            @Nullable List<String> unmanaged,
            @Nullable List<String> addresses,
            @Nullable List<String> foreignAddresses) {

        ObservedLink link() {
            String state = tunnel == null ? "UP" : "UNKNOWN";
            return new ObservedLink(
                    index,
                    name,
                    Objects.requireNonNullElse(alias, ""),
                    up,
                    up ? state : "DOWN",
                    mtu,
                    Optional.ofNullable(tunnel).map(Tunnel::parameters),
                    Objects.requireNonNullElse(unmanaged, List.of()),
                    Stream.concat(observed(addresses, true), observed(foreignAddresses, false))
                            .toList());
        }

        private static Stream<ObservedAddress> observed(@Nullable List<String> prefixes, boolean ours) {
            return Objects.requireNonNullElse(prefixes, List.<String>of()).stream()
                    .map(text -> IpPrefix.parse(text.contains(".") ? IpFamily.IPV4 : IpFamily.IPV6, text))
                    .map(prefix -> new ObservedAddress(prefix, ours));
        }
    }

    /** @param parent an ifindex, 0 or absent = none */
    record Tunnel(String mode, String local, String remote, int parent, int ttl, @Nullable Integer encapsulationLimit) {
        TunnelParameters parameters() {
            TunnelMode known = TunnelMode.ofText(mode).orElseThrow();
            return new TunnelParameters(
                    known.driver(),
                    known.protocol(),
                    endpoint(known, local),
                    endpoint(known, remote),
                    parent,
                    ttl,
                    0,
                    true,
                    encapsulationLimit == null ? OptionalInt.empty() : OptionalInt.of(encapsulationLimit),
                    0);
        }

        private static InetAddress endpoint(TunnelMode mode, String text) {
            return text.equals("any") ? mode.outer().any() : mode.outer().parse(text);
        }
    }
}
