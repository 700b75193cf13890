package dev.iptunnel.kernel;

import dev.iptunnel.kernel.linux.LinuxTunnelKernel;
import dev.iptunnel.observation.Observation;
import dev.iptunnel.plan.Decision;
import dev.iptunnel.plan.Plan;
import dev.iptunnel.plan.Refusal;
import dev.iptunnel.planner.Claims;
import dev.iptunnel.planner.ListedClaims;
import dev.iptunnel.planner.Planner;
import dev.iptunnel.readiness.Readiness;
import dev.iptunnel.tunnel.DeletionPolicy;
import dev.iptunnel.tunnel.DesiredTunnel;
import dev.iptunnel.tunnel.DesiredTunnelBuilder;
import dev.iptunnel.tunnel.IpFamily;
import dev.iptunnel.tunnel.IpPrefix;
import dev.iptunnel.tunnel.Mark;
import dev.iptunnel.tunnel.TunnelMode;
import java.net.InetAddress;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * A kernel with two parents, {@code under0} (192.0.2.1/24, 2001:db8::1/64) and {@code under1} (198.51.100.1/24), made
 * before each test and removed with every tunnel after it.
 */
final class TunnelNode implements BeforeEachCallback, AfterEachCallback {
    static final String[] UNDER0 = {"192.0.2.1/24", "2001:db8::1/64"};
    static final String MANAGER = "11111111-2222-3333-4444-555555555555";

    /** Where the node's API server is said to be. */
    static final InetAddress API_SERVER = IpFamily.IPV4.parse("203.0.113.250");

    final List<String> operations = new CopyOnWriteArrayList<>();
    /** What the administrator has protected. */
    static final List<IpPrefix> PROTECTED =
            List.of(IpPrefix.parse(IpFamily.IPV4, "10.96.0.0/12"), IpPrefix.parse(IpFamily.IPV6, "fd00:96::/64"));

    final LinuxTunnelKernel kernel = LinuxTunnelKernel.open(
            List.of(API_SERVER),
            PROTECTED,
            LinuxTunnelKernel.SYSCTLS,
            (operation, errno) -> operations.add(operation.getClass().getSimpleName() + " " + errno));

    private Set<String> before = Set.of();
    private Claims claims = ListedClaims.NONE;

    @Override
    public void beforeEach(ExtensionContext context) {
        before = Set.copyOf(Iproute2.interfaceNames());
        if (!"true".equals(System.getenv("IPTUNNEL_GUEST"))) {
            throw new AssertionError("these tests change the network of the machine: run them by `e2e/test kernel`");
        }
        Iproute2.batch("link set lo up");
        makeParents();
    }

    private static void makeParents() {
        Iproute2.batch(parents().toArray(String[]::new));
        Iproute2.awaitIpv6("under0", "under1");
    }

    /** The commands that make both parents. */
    static Stream<String> parents() {
        return Stream.concat(device("under0", UNDER0), device("under1", "198.51.100.1/24", "2001:db8:1::1/64"));
    }

    /** Leaves nothing but two new parents. */
    void clear() {
        removeAll();
        makeParents();
    }

    /** A device of type dummy, with an MTU of 1500. */
    static void parent(String name, String... addresses) {
        Iproute2.batch(device(name, addresses).toArray(String[]::new));
    }

    private static Stream<String> device(String name, String... addresses) {
        return Stream.concat(Stream.of("link add " + name + " mtu 1500 type dummy"), configuration(name, addresses));
    }

    /** The commands that bring a device up and give it addresses. */
    static Stream<String> configuration(String name, String... addresses) {
        return Stream.concat(
                Stream.of("link set " + name + " up"),
                Stream.of(addresses)
                        .map(address ->
                                "address add " + address + " dev " + name + (address.contains(":") ? " nodad" : "")));
    }

    @Override
    public void afterEach(ExtensionContext context) {
        kernel.close();
        removeAll();
    }

    private void removeAll() {
        Iproute2.removeAllBut(before);
    }

    /** Between the first parent's address and .2 of its network, of the object of that name. */
    static DesiredTunnelBuilder tunnel(String name, TunnelMode mode) {
        return DesiredTunnelBuilder.of(new Mark(MANAGER, "uid-of-" + name, DeletionPolicy.DELETE, name), mode)
                .parent("under0")
                .addresses(mode.inner() == IpFamily.IPV4 ? "10.9.0.1/30" : "fd09::1/64");
    }

    /** Has the others ask for these as well. */
    void claim(DesiredTunnelBuilder... tunnels) {
        claims = ListedClaims.of(
                Stream.of(tunnels).map(DesiredTunnelBuilder::build).toList());
    }

    Decision plan(DesiredTunnelBuilder tunnel) {
        return plan(tunnel, kernel);
    }

    /** As {@link #kernel} would, if it were that one. */
    Decision plan(DesiredTunnelBuilder tunnel, LinuxTunnelKernel other) {
        DesiredTunnel desired = tunnel.build();
        return Planner.plan(desired, other.observe(desired), claims);
    }

    /**
     * Plans and executes until nothing is left to do; a refusal fails the test.
     *
     * @return what of the last plan was refused
     */
    List<Refusal> program(DesiredTunnelBuilder desired) {
        return program(desired, kernel);
    }

    List<Refusal> program(DesiredTunnelBuilder desired, LinuxTunnelKernel other) {
        for (int round = 0; round < 3; round++) {
            switch (plan(desired, other)) {
                case Plan plan
                when plan.isEmpty() -> {
                    return plan.refused();
                }
                case Plan plan -> other.execute(plan);
                case Refusal refusal -> throw new AssertionError(refusal.toString());
            }
        }
        throw new AssertionError("not in sync after three plans: " + plan(desired, other));
    }

    /** As when the object is deleted. */
    void remove(String object) {
        kernel.markedBy(MANAGER, object).forEach(link -> kernel.execute(Planner.remove(link)));
    }

    /** What is there once the kernel's own work on a new interface is done, such as addresses of IPv6. */
    Observation observeSettled(DesiredTunnel desired) throws InterruptedException {
        Observation before = kernel.observe(desired);
        Thread.sleep(500);
        Observation after = kernel.observe(desired);
        return after.equals(before) ? after : observeSettled(desired);
    }

    /** Why it is not ready; empty where it is. */
    Optional<Refusal> obstacle(DesiredTunnelBuilder tunnel) {
        DesiredTunnel desired = tunnel.build();
        return Readiness.obstacle(desired, kernel.observe(desired));
    }

    Refusal refusal(DesiredTunnelBuilder desired) {
        return switch (plan(desired)) {
            case Refusal refusal -> refusal;
            case Plan plan -> throw new AssertionError("planned: " + plan);
        };
    }
}
