package dev.iptunnel.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.iptunnel.agent.program.Demands;
import dev.iptunnel.agent.program.Drift;
import dev.iptunnel.agent.program.Outcome;
import dev.iptunnel.agent.program.TunnelProgrammer;
import dev.iptunnel.kernel.NodeSnapshot.Device;
import dev.iptunnel.kernel.linux.LinuxTunnelKernel;
import dev.iptunnel.libc.NetlinkSocket;
import dev.iptunnel.netlink.message.NetlinkTransport;
import dev.iptunnel.plan.Reason;
import dev.iptunnel.plan.Refusal;
import dev.iptunnel.planner.Claims;
import dev.iptunnel.planner.ListedClaims;
import dev.iptunnel.tunnel.DesiredTunnel;
import dev.iptunnel.tunnel.IpFamily;
import dev.iptunnel.tunnel.Mark;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Others change the node while many tunnels are programmed: between any two of them, and between any two requests of one
 * plan.
 */
@Tag("kernel")
@Timeout(400)
class ForeignHandsKernelTest {
    private static final int TUNNELS = 60;
    private static final int RECONCILERS = 4;
    private static final int INTERRUPTIONS = 80;
    /** In the middle of a plan, before one in so many requests, and more often after a link was made or changed. */
    private static final int REQUESTS_PER_INTERRUPTION = 40;

    private static final int CHANGES_PER_INTERRUPTION = 4;
    /** The first byte of nlmsg_type of netlink(7). */
    private static final int MESSAGE_TYPE = 4;

    private static final int RTM_NEWLINK = 16;

    private static final Duration BETWEEN_ACTS = Duration.ofSeconds(3);
    private static final int MOST_ROUNDS = 12;

    /** What the calling thread programs. */
    private static final ThreadLocal<DesiredTunnel> CURRENT = new ThreadLocal<>();

    @RegisterExtension
    final TunnelNode node = new TunnelNode();

    private final List<DesiredTunnel> tunnels =
            IntStream.range(0, TUNNELS).mapToObj(ForeignHand::desired).toList();
    private final Claims claims = ListedClaims.of(tunnels);
    private final Demands demands = () -> claims;
    private final Map<DesiredTunnel, Drift> drifts = new ConcurrentHashMap<>();
    private final Set<DesiredTunnel> inWork = ConcurrentHashMap.newKeySet();
    private final AtomicInteger executed = new AtomicInteger();
    private final AtomicInteger sockets = new AtomicInteger();

    @ParameterizedTest(name = "of seed {0}")
    @ValueSource(longs = {1, 2})
    void nothing_of_others_is_touched_and_every_tunnel_is_programmed_or_refused_for_a_reason_that_there_is(long seed)
            throws InterruptedException, ExecutionException {
        ForeignHand hand = new ForeignHand(seed, tunnels);
        try (LinuxTunnelKernel kernel = LinuxTunnelKernel.open(
                List.of(TunnelNode.API_SERVER),
                List.of(),
                LinuxTunnelKernel.SYSCTLS,
                (operation, result) -> {
                    executed.addAndGet(result.equals(OperationListener.SUCCESS) ? 1 : 0);
                    hand.executed(operation);
                },
                () -> sockets.getAndIncrement() == 0
                        ? new Interrupted(NetlinkSocket.open(), hand)
                        : NetlinkSocket.open())) {
            kernel.watch(_ -> {});
            TunnelProgrammer programmer = new TunnelProgrammer(kernel);

            programAndInterfere(programmer, hand, seed);
            Map<DesiredTunnel, Optional<Reason>> outcomes = settle(kernel, programmer);

            NodeSnapshot end = NodeSnapshot.take();
            hand.check(end);
            assertThat(executed).as("operations").hasValueGreaterThan(TUNNELS);
            checkOutcomes(outcomes, end, hand);
            assertThat(kernel.halfBorn(TunnelNode.MANAGER)).isEmpty();
        }
    }

    private void programAndInterfere(TunnelProgrammer programmer, ForeignHand hand, long seed)
            throws InterruptedException, ExecutionException {
        try (ExecutorService threads = Executors.newCachedThreadPool()) {
            List<Future<?>> all = Stream.concat(
                            IntStream.range(0, RECONCILERS)
                                    .mapToObj(i -> threads.submit(() -> {
                                        Random order = new Random(seed + i);
                                        while (hand.interruptions() < INTERRUPTIONS) {
                                            program(programmer, tunnels.get(order.nextInt(TUNNELS)));
                                        }
                                    })),
                            Stream.of(threads.submit(() -> {
                                while (hand.interruptions() < INTERRUPTIONS) {
                                    pause();
                                    hand.act();
                                }
                            })))
                    .collect(Collectors.toList());
            for (Future<?> one : all) {
                one.get();
            }
        }
    }

    private static void pause() {
        try {
            Thread.sleep(BETWEEN_ACTS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
    }

    /** One thread at a time programs a tunnel, as in the agent. */
    private Optional<Outcome> program(TunnelProgrammer programmer, DesiredTunnel tunnel) {
        if (!inWork.add(tunnel)) {
            return Optional.empty();
        }
        try {
            CURRENT.set(tunnel);
            Drift drift = drifts.getOrDefault(tunnel, Drift.NONE);
            Outcome outcome = programmer.program(tunnel, drift.ifindex(), demands, _ -> {});
            drifts.put(tunnel, drift.after(1, outcome, Instant.EPOCH));
            return Optional.of(outcome);
        } finally {
            inWork.remove(tunnel);
        }
    }

    /**
     * Until nothing is left to do, with what the agent does each minute: it compares, and removes tunnels that it could not
     * mark because they were renamed before.
     */
    private Map<DesiredTunnel, Optional<Reason>> settle(LinuxTunnelKernel kernel, TunnelProgrammer programmer) {
        for (int round = 0; round < MOST_ROUNDS; round++) {
            int before = executed.get();
            kernel.resync();
            programmer.removeHalfBorn(TunnelNode.MANAGER);
            Map<DesiredTunnel, Optional<Reason>> outcomes = tunnels.stream()
                    .collect(Collectors.toMap(tunnel -> tunnel, tunnel -> program(programmer, tunnel)
                            .flatMap(Outcome::notProgrammed)
                            .map(Refusal::reason)));
            if (executed.get() == before) {
                return outcomes;
            }
        }
        throw new AssertionError("no rest after " + MOST_ROUNDS + " rounds: " + drifts);
    }

    private void checkOutcomes(Map<DesiredTunnel, Optional<Reason>> outcomes, NodeSnapshot end, ForeignHand hand) {
        List<Device> foreign = hand.devices(end);
        for (DesiredTunnel tunnel : tunnels) {
            Optional<Reason> outcome = outcomes.getOrDefault(tunnel, Optional.empty());
            Set<Reason> reasons = obstacles(tunnel, foreign);
            if (reasons.isEmpty()) {
                assertThat(outcome).as("%s\n%s", tunnel, hand).isEmpty();
            } else {
                assertThat(outcome.stream())
                        .as("%s\n%s", tunnel, hand)
                        .isNotEmpty()
                        .isSubsetOf(reasons);
            }
            if (outcome.isEmpty() || outcome.get() == Reason.ROUTE_CONFLICT) {
                checkProgrammed(tunnel, outcome.isEmpty(), end);
            }
        }
        List<Mark> marks =
                end.devices().stream().flatMap(device -> device.mark().stream()).toList();
        assertThat(marks).as("marks").doesNotHaveDuplicates();
        assertThat(end.devices())
                .as("devices without our mark")
                .filteredOn(device -> device.mark().isEmpty())
                .extracting(Device::name)
                .containsExactlyElementsOf(foreign.stream().map(Device::name).toList());
    }

    private static Set<Reason> obstacles(DesiredTunnel tunnel, List<Device> foreign) {
        Set<Reason> reasons = EnumSet.noneOf(Reason.class);
        String route = tunnel.routes().getFirst().toString();
        for (Device device : foreign) {
            if (device.name().equals(tunnel.interfaceName())) {
                reasons.add(Reason.INTERFACE_NAME_CONFLICT);
            } else if (device.endpoints().equals(endpoints(tunnel))) {
                reasons.add(Reason.ENDPOINT_CONFLICT);
            }
        }
        boolean isRouteTaken =
                foreign.stream().anyMatch(device -> device.foreignRoutes().contains(route));
        return reasons.isEmpty() && isRouteTaken ? EnumSet.of(Reason.ROUTE_CONFLICT) : reasons;
    }

    private static List<String> endpoints(DesiredTunnel tunnel) {
        return List.of(
                tunnel.mode().driver().kind(),
                tunnel.mode().outer() == IpFamily.IPV4 ? "192.0.2.1" : "2001:db8::1",
                IpFamily.format(tunnel.remote()),
                "under0");
    }

    private static void checkProgrammed(DesiredTunnel tunnel, boolean withRoute, NodeSnapshot end) {
        Device device = end.named(tunnel.interfaceName()).orElseThrow(() -> new AssertionError("no " + tunnel));
        assertThat(device.alias()).as("%s", device).isEqualTo(tunnel.mark().toString());
        assertThat(device.endpoints()).as("%s", device).isEqualTo(endpoints(tunnel));
        assertThat(device.isUp()).as("%s", device).isTrue();
        assertThat(device.addresses().toString())
                .as("%s", device)
                .contains(IpFamily.format(tunnel.addresses().getFirst().address()));
        assertThat(device.routeEntries().contains(tunnel.routes().getFirst().toString()))
                .as("%s", device)
                .isEqualTo(withRoute);
    }

    /** The socket by which plans are made and executed: has the hand act between two requests. */
    private static final class Interrupted implements NetlinkTransport {
        private final NetlinkTransport socket;
        private final ForeignHand hand;
        /** Whether the last request did. */
        private boolean changesLink;

        Interrupted(NetlinkTransport socket, ForeignHand hand) {
            this.socket = socket;
            this.hand = hand;
        }

        @Override
        public void send(byte[] datagram) {
            boolean interrupts = CURRENT.get() != null
                    && hand.interruptions() < INTERRUPTIONS
                    && hand.onceIn(changesLink ? CHANGES_PER_INTERRUPTION : REQUESTS_PER_INTERRUPTION);
            if (interrupts) {
                hand.interrupt(CURRENT.get());
            }
            changesLink = datagram[MESSAGE_TYPE] == RTM_NEWLINK;
            socket.send(datagram);
        }

        @Override
        public Optional<byte[]> receive(Duration timeout) {
            return socket.receive(timeout);
        }

        @Override
        public int portId() {
            return socket.portId();
        }

        @Override
        public void close() {
            socket.close();
        }
    }
}
