package dev.iptunnel.tunnel;

import java.net.InetAddress;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.Stream;

/** Builds desired tunnels for tests. Each field is written as in a manifest, and has the default of an IpTunnel. */
public final class DesiredTunnelBuilder {
    private final TunnelMode mode;
    private Mark mark;
    private Instant created = Instant.parse("2026-01-01T00:00:00Z");
    private String interfaceName;
    private LocalAddress local;
    private InetAddress remote;
    private Optional<String> parent = Optional.empty();
    private Optional<String> vrf = Optional.empty();
    private OuterHeader outerHeader = OuterHeader.DEFAULT;
    private OptionalInt mtu = OptionalInt.empty();
    private List<InnerAddress> addresses = List.of();
    private List<InnerRoute> routes = List.of();
    private Optional<ReversePathFilter> reversePathFilter = Optional.empty();
    private AdoptionPolicy adoptionPolicy = AdoptionPolicy.NEVER;
    private boolean allowIsolation;
    private FallbackPolicy fallbackPolicy = FallbackPolicy.REFUSE;
    private boolean up = true;
    private boolean paused;
    private Optional<ProbeSettings> probe = Optional.empty();
    private List<InnerRoute> withdrawable = List.of();

    private DesiredTunnelBuilder(Mark mark, TunnelMode mode) {
        this.mark = mark;
        this.mode = mode;
        this.interfaceName = mark.name();
        boolean ipv4 = mode.outer() == IpFamily.IPV4;
        this.local = new LocalAddress.Fixed(mode.outer().parse(ipv4 ? "192.0.2.1" : "2001:db8::1"));
        this.remote = mode.outer().parse(ipv4 ? "192.0.2.2" : "2001:db8::2");
    }

    /** Between host 1 and host 2 of 192.0.2.0/24 or 2001:db8::/64; the interface has the object's name. */
    public static DesiredTunnelBuilder of(Mark mark, TunnelMode mode) {
        return new DesiredTunnelBuilder(mark, mode);
    }

    public DesiredTunnelBuilder fallbackPolicy(FallbackPolicy value) {
        fallbackPolicy = value;
        return this;
    }

    public DesiredTunnelBuilder mark(Mark value) {
        mark = value;
        return this;
    }

    public DesiredTunnelBuilder created(String instant) {
        created = Instant.parse(instant);
        return this;
    }

    public DesiredTunnelBuilder interfaceName(String value) {
        interfaceName = value;
        return this;
    }

    /** An address, or {@code any}. */
    public DesiredTunnelBuilder local(String address) {
        return local(new LocalAddress.Fixed(endpoint(address)));
    }

    public DesiredTunnelBuilder local(LocalAddress value) {
        local = value;
        return this;
    }

    /** An address, or {@code any}. */
    public DesiredTunnelBuilder remote(String address) {
        remote = endpoint(address);
        return this;
    }

    private InetAddress endpoint(String address) {
        return address.equals("any") ? mode.outer().any() : mode.outer().parse(address);
    }

    public DesiredTunnelBuilder parent(String value) {
        return parent(Optional.of(value));
    }

    public DesiredTunnelBuilder parent(Optional<String> value) {
        parent = value;
        return this;
    }

    public DesiredTunnelBuilder vrf(String value) {
        vrf = Optional.of(value);
        return this;
    }

    public DesiredTunnelBuilder outerHeader(OuterHeader value) {
        outerHeader = value;
        return this;
    }

    /** 0 = inherit. */
    public DesiredTunnelBuilder ttl(int value) {
        outerHeader = new OuterHeader(
                value,
                outerHeader.dscp(),
                outerHeader.pathMtuDiscovery(),
                outerHeader.encapsulationLimit(),
                outerHeader.flowLabel());
        return this;
    }

    public DesiredTunnelBuilder mtu(OptionalInt value) {
        mtu = value;
        return this;
    }

    /** {@code ADDRESS/LENGTH}, or {@code ADDRESS/LENGTH peer ADDRESS}. */
    public DesiredTunnelBuilder addresses(String... values) {
        addresses = Stream.of(values).map(this::address).toList();
        return this;
    }

    private InnerAddress address(String text) {
        String[] words = text.split(" peer ", -1);
        return new InnerAddress(
                IpPrefix.parse(mode.inner(), words[0]),
                words.length == 1 ? Optional.empty() : Optional.of(mode.inner().parse(words[1])));
    }

    public DesiredTunnelBuilder routes(InnerRoute... values) {
        routes = List.of(values);
        return this;
    }

    /** Some of its routes. */
    public DesiredTunnelBuilder withdrawable(InnerRoute... values) {
        withdrawable = List.of(values);
        return this;
    }

    public DesiredTunnelBuilder reversePathFilter(ReversePathFilter value) {
        reversePathFilter = Optional.of(value);
        return this;
    }

    public DesiredTunnelBuilder adoptIfIdentical() {
        adoptionPolicy = AdoptionPolicy.IF_IDENTICAL;
        return this;
    }

    public DesiredTunnelBuilder allowIsolation() {
        allowIsolation = true;
        return this;
    }

    public DesiredTunnelBuilder up(boolean value) {
        up = value;
        return this;
    }

    public DesiredTunnelBuilder paused() {
        paused = true;
        return this;
    }

    public DesiredTunnelBuilder probe(ProbeSettings value) {
        probe = Optional.of(value);
        return this;
    }

    public DesiredTunnel build() {
        return new DesiredTunnel(
                mark,
                created,
                interfaceName,
                mode,
                local,
                remote,
                parent,
                vrf,
                outerHeader,
                mtu,
                addresses,
                routes,
                withdrawable,
                reversePathFilter,
                adoptionPolicy,
                allowIsolation,
                fallbackPolicy,
                up,
                paused,
                probe);
    }
}
